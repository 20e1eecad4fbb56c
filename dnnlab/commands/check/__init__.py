"""`check`: what can be known of a config before it is trained. One check a file."""
