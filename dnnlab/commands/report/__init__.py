"""`report`: a page of a run's records."""
