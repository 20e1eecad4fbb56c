"""Weights of an earlier training in a new net: find them, take what fits, say what does not."""
