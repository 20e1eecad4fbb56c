"""Before the first run: a new config, its check, the schema for editors, completion for shells."""
