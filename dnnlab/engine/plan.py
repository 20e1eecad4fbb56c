"""The numbers of the training loop (`Plan`), and how rows become steps. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..steps import rows_per_step, steps_per_epoch
from .log_schedule import LogSchedule

TRAIN_EVAL_MOST, TRAIN_EVAL_LEAST, TRAIN_EVAL_SHARE = 1000, 256, 20


@dataclass(frozen=True)
class Plan:
    """The numbers of the training loop."""

    seed: int
    rows: int
    """Training rows."""
    epochs: int
    batch_size: int
    accumulate: int
    """Batches whose gradients are summed for one optimizer step."""
    eval_every: int
    """Epochs from one validation to the next."""
    monitor: str
    """A key of metrics.jsonl."""
    better: str
    """Direction of the monitor: "max" or "min"."""
    max_seconds: float | None
    steps_every: int
    """Steps from one row of steps.jsonl to the next; 0 for no rows."""
    train_eval_rows: int = 0
    """Training rows that are measured again at epoch ends; 0 for none."""
    probe_every: Mapping[str, LogSchedule] = field(default_factory=dict)
    """When each probe file gets a row."""

    @property
    def sign(self) -> int:
        """1 if a higher monitor is better, -1 if a lower one is."""
        return 1 if self.better == "max" else -1

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps of one epoch."""
        return steps_per_epoch(self.rows, self.batch_size, self.accumulate)

    @property
    def total_steps(self) -> int:
        """Optimizer steps of the whole training."""
        return self.steps_per_epoch * self.epochs

    def step_bounds(self) -> list[tuple[int, int]]:
        """First and last-plus-one position, in the order of an epoch, of the rows of each step."""
        return batch_bounds(self.rows, self.batch_size, self.accumulate)


def batch_bounds(rows: int, batch_size: int, accumulate: int = 1) -> list[tuple[int, int]]:
    """First and last-plus-one position, in the order of an epoch, of the rows of each step."""
    size, count = rows_per_step(rows, batch_size, accumulate), steps_per_epoch(rows, batch_size, accumulate)
    return [(i * size, rows if i == count - 1 else (i + 1) * size) for i in range(count)]


def train_eval_rows(rows: int) -> int:
    """How many training rows are measured again at each epoch's end: a twentieth, between 256 and 1,000."""
    return min(rows, max(TRAIN_EVAL_LEAST, min(TRAIN_EVAL_MOST, rows // TRAIN_EVAL_SHARE)))
