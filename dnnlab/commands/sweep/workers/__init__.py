"""The processes that train the trials of a sweep, on this machine or on a Ray cluster."""
