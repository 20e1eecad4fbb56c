"""The numbers of the loop (`Plan`), and how rows become steps. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The numbers of the loop. monitor: a key of metrics.jsonl; better: "max" or "min". steps_every, probe_every: steps, 0 for never."""

    seed: int
    epochs: int
    batch_size: int
    accumulate: int
    eval_every: int
    monitor: str
    better: str
    max_seconds: float | None
    steps_every: int
    probe_every: Mapping[str, int]

    @property
    def sign(self) -> int:
        """1 where a higher monitor is better, -1 where a lower one is."""
        return 1 if self.better == "max" else -1


def steps_per_epoch(rows: int, rows_per_step: int) -> int:
    """Steps an epoch. A last batch of a single row joins the one before: BatchNorm could not work on it alone."""
    full, rest = divmod(rows, rows_per_step)
    return max(1, full + (rest > 1 or (rest == 1 and rows_per_step == 1)))


def batch_bounds(rows: int, rows_per_step: int) -> list[tuple[int, int]]:
    """First and last-plus-one position in the epoch's order, for each step."""
    count = steps_per_epoch(rows, rows_per_step)
    return [(i * rows_per_step, rows if i == count - 1 else (i + 1) * rows_per_step) for i in range(count)]
