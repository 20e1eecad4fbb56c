"""Probes: what is measured inside the net on logging steps."""
