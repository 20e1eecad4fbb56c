"""`runs` and `remove`: which runs there are, and the filters that all commands share."""
