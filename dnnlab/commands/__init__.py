"""What the command line and Python both call: plain functions; training is a generator of events."""
