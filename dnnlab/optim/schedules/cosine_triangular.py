"""Learning rates along a cosine and along triangles, as pure functions of the step (0-based).

Times are in optimizer steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .decay import LrAndMomentum, Rates


def cosine(lr: float, end: float, over: float) -> Rates:
    """Half a cosine from lr at step 0 to `end` at step `over`; `end` from there on.

    >>> [round(cosine(1.0, 0.2, over=4)(t)["lr"], 6) for t in (0, 1, 2, 4, 9)]
    [1.0, 0.882843, 0.6, 0.2, 0.2]
    """
    return lambda step: {"lr": half_cosine(lr, end, min(step / over, 1.0))}


@dataclass(frozen=True)
class CosineRestarts:
    """A cosine from lr down towards `end` over `first` steps, then lr again.

    Each run is `mult` times as long as the one before. >>> [round(CosineRestarts(1.0, 0.0, first=2,
    mult=2)(t)["lr"], 6) for t in range(7)] [1.0, 0.5, 1.0, 0.853553, 0.5, 0.146447, 1.0]
    """

    lr: float
    end: float
    first: float
    mult: float

    def __call__(self, step: int) -> LrAndMomentum:
        """The rate of a step."""
        begin, length = self._run(step)
        return {"lr": half_cosine(self.lr, self.end, (step - begin) / length)}

    def _run(self, step: int) -> tuple[float, float]:
        """First step and length of the run that `step` is in.

        Run i begins at first (mult^i - 1) / (mult - 1).
        """
        if self.mult == 1:
            return step // self.first * self.first, self.first
        # A logarithm may miss the run's number by a rounding, so its neighbours are tried too.
        number = int(math.log1p(step * (self.mult - 1) / self.first) / math.log(self.mult))
        number = max(n for n in (number - 1, number, number + 1) if n <= 0 or self._begin(n) <= step)
        return self._begin(number), self.first * self.mult**number

    def _begin(self, number: int) -> float:
        return round(self.first * (self.mult**number - 1) / (self.mult - 1), 9)


def triangular(base: float, peak: float, half_cycle: float) -> Rates:
    """Straight lines from `base` up to `peak` in `half_cycle` steps, down again in as many, and so on.

    >>> [round(triangular(0.1, 0.5, half_cycle=4)(t)["lr"], 6) for t in range(10)]
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.4, 0.3, 0.2, 0.1, 0.2]
    """
    return lambda step: {"lr": base + (peak - base) * (1 - abs(step / half_cycle % 2 - 1))}


def half_cosine(start: float, end: float, share: float) -> float:
    """From `start` at share 0 to `end` at share 1 along half a cosine."""
    return end + (start - end) / 2 * (math.cos(math.pi * share) + 1)
