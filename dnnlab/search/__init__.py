"""What a sweep tries and what it makes of the results: spaces, points, stages, the ledger, borders.

Nothing here trains.
"""
