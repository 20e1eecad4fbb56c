"""Sweeps without the training: search spaces, points, stages, the ledger, borders, importance.

Nothing here trains.
"""
