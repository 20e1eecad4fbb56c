"""Architectures: whole nets from an input shape."""
