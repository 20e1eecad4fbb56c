"""Regularizers, by effect: inside the net, on batches, penalties, constraints, averages, stopping."""
