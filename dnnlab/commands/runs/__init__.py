"""`runs` and `remove`: list and remove runs, and the filters that all commands share."""
