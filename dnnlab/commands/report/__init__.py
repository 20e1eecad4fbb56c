"""`report`: the records of a run as a page."""
