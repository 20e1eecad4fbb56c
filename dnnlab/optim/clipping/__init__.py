"""Gradient clipping, in place."""
