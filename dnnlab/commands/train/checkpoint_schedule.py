"""When checkpoints are due: after epochs, steps or minutes, as `checkpoint.every` says."""

from __future__ import annotations

from time import perf_counter
from typing import Literal

from ...config.values import CheckpointInterval
from ...engine.records import Epoch, Step

SECONDS_BETWEEN_EPOCH_ENDS = 5.0
"""`auto` saves at epoch ends, at most this often: small epochs do not spend their time on saving."""
SECONDS_WITHIN_AN_EPOCH = 300.0
"""`auto` also saves in the middle of an epoch that takes longer: a kill costs at most five minutes."""


class CheckpointSchedule:
    """Decides after each step and each epoch whether a checkpoint is due.

    The last epoch's end always is. An epoch's last step is left to the epoch's end, whose checkpoint
    holds more.
    """

    def __init__(self, every: CheckpointInterval | Literal["auto"], steps_per_epoch: int) -> None:
        self.steps_per_epoch = steps_per_epoch
        self.unit = "auto" if every == "auto" else every.unit
        self.amount = 0.0 if every == "auto" else every.amount
        self.began = perf_counter()
        self.saved: float | None = None

    def note_saved(self) -> None:
        """Start to wait anew."""
        self.saved = perf_counter()

    def due_after_step(self, record: Step) -> bool:
        """Whether a checkpoint is due in the middle of an epoch."""
        if record.in_epoch >= self.steps_per_epoch or self.unit == "epochs":
            return False
        if self.unit == "steps":
            return record.step % self.amount == 0
        return self._waited() >= (SECONDS_WITHIN_AN_EPOCH if self.unit == "auto" else self.amount)

    def due_after_epoch(self, record: Epoch) -> bool:
        """Whether a checkpoint is due at the end of an epoch."""
        if record.final:
            return True
        if self.unit == "epochs":
            return record.epoch % self.amount == 0
        if self.unit == "steps":
            return record.step % self.amount == 0
        if self.unit == "auto":
            return self.saved is None or self._waited() >= SECONDS_BETWEEN_EPOCH_ENDS
        return self._waited() >= self.amount

    def _waited(self) -> float:
        return perf_counter() - (self.began if self.saved is None else self.saved)
