"""From a checked config to a session that is ready to run; still nothing is on disk."""
