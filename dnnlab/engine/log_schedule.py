"""Which steps of a training are logged: functions of the step alone. No torch here.

A resumed run and a longer one therefore log the same steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class LogSchedule(Protocol):
    """Which steps are logged. Comparable and hashable: equal schedules are asked once a step."""

    def due(self, step: int, per_epoch: int) -> bool:
        """Whether step `step` (from 0) is logged."""

    def epoch_due(self, epoch: int) -> bool:
        """Whether the end of epoch `epoch` (from 1) may be logged."""


@dataclass(frozen=True)
class EverySteps:
    """The first step, and every `number`-th; 0 for never."""

    number: int

    def due(self, step: int, per_epoch: int) -> bool:
        """See `LogSchedule`."""
        return self.number > 0 and (step == 0 or (step + 1) % self.number == 0)

    def epoch_due(self, epoch: int) -> bool:
        """See `LogSchedule`: the end of any epoch may be one of the steps."""
        return True


@dataclass(frozen=True)
class WideningEpochs:
    """The last step of the first `dense` epochs, then half as many within each doubling of the epochs.

    With 8: epochs 1 to 8, then 10, 12, 14, 16, 20, 24, 28, 32, 40 ...: 22 rows in 100 epochs, 36 in 1000.
    """

    dense: int
    """A power of two."""
    first: bool = True
    """Whether the first step is logged, too."""
    last: int = 0
    """An epoch that is logged in any case; 0 for none."""

    def due(self, step: int, per_epoch: int) -> bool:
        """See `LogSchedule`."""
        if (step + 1) % per_epoch:
            return self.first and step == 0
        return self.epoch_due((step + 1) // per_epoch) or (self.first and step == 0)

    def epoch_due(self, epoch: int) -> bool:
        """See `LogSchedule`."""
        gap = 1 << ((epoch - 1) // self.dense).bit_length()
        return epoch % gap == 0 or epoch == self.last


@dataclass(frozen=True)
class SpreadEpochs:
    """The last step of `count` of the epochs, evenly spread, with the first and the last epoch."""

    count: int
    epochs: int

    def due(self, step: int, per_epoch: int) -> bool:
        """See `LogSchedule`."""
        return (step + 1) % per_epoch == 0 and self.epoch_due((step + 1) // per_epoch)

    def epoch_due(self, epoch: int) -> bool:
        """See `LogSchedule`."""
        count = min(self.count, self.epochs)
        if count < 2:
            return epoch == self.epochs
        nearest = round((epoch - 1) * (count - 1) / (self.epochs - 1))
        return epoch == 1 + round(nearest * (self.epochs - 1) / (count - 1))
