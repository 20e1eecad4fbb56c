"""`compare`: a table of runs side by side."""
