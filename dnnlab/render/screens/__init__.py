"""One screen a command."""
