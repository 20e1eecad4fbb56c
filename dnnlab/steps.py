"""Rows of a batch, rows of an optimizer step and steps of an epoch: the only place that computes them."""

from __future__ import annotations


def rows_per_batch(rows: int, batch_size: int | str) -> int:
    """Rows of one batch. rows: of the training split. batch_size: a number, or "full"."""
    return rows if isinstance(batch_size, str) else min(batch_size, rows)


def rows_per_step(rows: int | None, batch_size: int, accumulate: int = 1) -> int:
    """Rows of one optimizer step. accumulate: batches whose gradients are summed. rows: None if not known."""
    wanted = batch_size * accumulate
    return wanted if rows is None else min(wanted, rows)


def steps_per_epoch(rows: int, batch_size: int | str, accumulate: int = 1) -> int:
    """Optimizer steps of one epoch.

    A last step of a single row is joined to the one before, because BatchNorm cannot work on one row.
    """
    size = rows_per_batch(rows, batch_size)
    full, rest = divmod(rows, rows_per_step(rows, size, accumulate))
    return max(1, full + (rest > 1))
