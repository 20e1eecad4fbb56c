"""`new`: a config to begin with."""
