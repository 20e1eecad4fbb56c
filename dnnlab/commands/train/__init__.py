"""`train` and `resume`: from a config to a run folder."""
