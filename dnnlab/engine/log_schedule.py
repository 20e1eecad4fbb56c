"""When a run looks at itself: functions of the step alone, so that a resumed run and a longer one look at the same steps. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Look(Protocol):
    """Whether step `step` (from 0) is one of those that are looked at.

    Comparable and hashable: equal ones are asked once a step.
    """

    def due(self, step: int, per_epoch: int) -> bool: ...


@dataclass(frozen=True)
class EverySteps:
    """The first step, and every `number`-th; 0 for never."""

    number: int

    def due(self, step: int, per_epoch: int) -> bool:
        """See `Look`."""
        return self.number > 0 and (step == 0 or (step + 1) % self.number == 0)


@dataclass(frozen=True)
class Widening:
    """The last step of the first `dense` epochs, then of ever rarer ones: half as many within each doubling of the epochs.

    With 8: epochs 1 to 8, then 10, 12, 14, 16, 20, 24, 28, 32, 40 ...: 22 looks in 100 epochs, 36 in 1000.
    dense: a power of two. first: the first step, too. last: an epoch that is looked at in any case, 0 for
    none.
    """

    dense: int
    first: bool = True
    last: int = 0

    def due(self, step: int, per_epoch: int) -> bool:
        """See `Look`."""
        if (step + 1) % per_epoch:
            return self.first and step == 0
        return self.chosen((step + 1) // per_epoch) or (self.first and step == 0)

    def chosen(self, epoch: int) -> bool:
        """Whether the end of an epoch (from 1) is looked at."""
        gap = 1 << ((epoch - 1) // self.dense).bit_length()
        return epoch % gap == 0 or epoch == self.last


@dataclass(frozen=True)
class Spread:
    """The last step of `count` of the epochs, evenly spread; the first and the last are among them."""

    count: int
    epochs: int

    def due(self, step: int, per_epoch: int) -> bool:
        """See `Look`."""
        return (step + 1) % per_epoch == 0 and self.chosen((step + 1) // per_epoch)

    def chosen(self, epoch: int) -> bool:
        """Whether the end of an epoch (from 1) is looked at."""
        count = min(self.count, self.epochs)
        if count < 2:
            return epoch == self.epochs
        nearest = round((epoch - 1) * (count - 1) / (self.epochs - 1))
        return epoch == 1 + round(nearest * (self.epochs - 1) / (count - 1))
