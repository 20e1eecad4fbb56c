"""`compare`: runs side by side."""
