"""Layers of `sequential`."""
