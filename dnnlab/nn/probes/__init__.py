"""Probes: what is measured inside a net on a logging step."""
