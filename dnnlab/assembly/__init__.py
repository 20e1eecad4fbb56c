"""From a checked config and its data to a session that is ready to run; nothing is on disk yet."""
