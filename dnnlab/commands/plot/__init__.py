"""`plot`: pictures of parts, configs and runs."""
