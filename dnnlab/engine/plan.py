"""The numbers of the loop (`Plan`), and how rows become steps. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .log_schedule import Look

TRAIN_EVAL_MOST, TRAIN_EVAL_LEAST, TRAIN_EVAL_SHARE = 1000, 256, 20


@dataclass(frozen=True)
class Plan:
    """The numbers of the loop. monitor: a key of metrics.jsonl; better: "max" or "min". steps_every: steps, 0 for never.

    train_eval_rows: rows of the training part that are measured again at epoch ends, 0 for none. probe_every:
    when each file is filled.
    """

    seed: int
    epochs: int
    batch_size: int
    accumulate: int
    eval_every: int
    monitor: str
    better: str
    max_seconds: float | None
    steps_every: int
    train_eval_rows: int = 0
    probe_every: Mapping[str, Look] = field(default_factory=dict)

    @property
    def sign(self) -> int:
        """1 where a higher monitor is better, -1 where a lower one is."""
        return 1 if self.better == "max" else -1


def steps_per_epoch(rows: int, rows_per_step: int) -> int:
    """Steps an epoch.

    A last batch of a single row joins the one before: BatchNorm could not work on it alone.
    """
    full, rest = divmod(rows, rows_per_step)
    return max(1, full + (rest > 1 or (rest == 1 and rows_per_step == 1)))


def batch_bounds(rows: int, rows_per_step: int) -> list[tuple[int, int]]:
    """First and last-plus-one position in the epoch's order, for each step."""
    count = steps_per_epoch(rows, rows_per_step)
    return [(i * rows_per_step, rows if i == count - 1 else (i + 1) * rows_per_step) for i in range(count)]


def train_eval_rows(rows: int) -> int:
    """How many of so many training rows are measured again at each epoch's end: a twentieth, but at least 256 and at most 1,000."""
    return min(rows, max(TRAIN_EVAL_LEAST, min(TRAIN_EVAL_MOST, rows // TRAIN_EVAL_SHARE)))
