"""`check`: tests of a config before it is trained. One check a file."""
