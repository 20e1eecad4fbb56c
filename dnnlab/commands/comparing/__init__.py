"""Runs side by side: which there are, how they differ, what to throw away."""
