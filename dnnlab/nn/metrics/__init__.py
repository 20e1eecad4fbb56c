"""Metrics: sums over rows, kept on the device until the value is asked for."""
