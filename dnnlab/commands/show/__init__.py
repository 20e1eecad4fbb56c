"""`show` and `list`: parts, configs and runs in full."""
