"""The 1cycle schedule: up to a large rate and down again, the momentum the other way."""

from __future__ import annotations

from dataclasses import dataclass

from .cosine_triangular import half_cosine
from .decay import LrAndMomentum


@dataclass(frozen=True)
class LinearCycle:
    """Straight lines from `start` up to `peak`, down to `start`, down to `end`.

    The momentum is high, low, high, and high to the end. With N steps the peak is step 45 N // 100, `start`
    is met again at twice that, `end` is step N - 1: so up over the first half of nine tenths, down over the
    second half, and the last tenth for the fall to `end`. A training of one step runs at the peak.

    N = 20, start 0.1, peak 1, end 0.0001, momentum 0.95 and 0.85:

    | step | 0 | 1 | 3 | 9 | 10 | 15 | 18 | 19 |
    | lr | 0.1 | 0.2 | 0.4 | 1 | 0.9 | 0.4 | 0.1 | 0.0001 |
    | momentum | 0.95 | 0.93889 | 0.91667 | 0.85 | 0.86111 | 0.91667 | 0.95 | 0.95 |

    >>> cycle = LinearCycle(20, 0.1, 1.0, 0.0001, 0.95, 0.85)
    >>> [round(cycle(t)["lr"], 6) for t in (0, 1, 3, 9, 10, 15, 18, 19)]
    [0.1, 0.2, 0.4, 1.0, 0.9, 0.4, 0.1, 0.0001]
    >>> [round(cycle(t)["momentum"], 5) for t in (0, 1, 3, 9, 10, 15, 18, 19)]
    [0.95, 0.93889, 0.91667, 0.85, 0.86111, 0.91667, 0.95, 0.95]
    """

    total_steps: int
    start: float
    peak: float
    end: float
    high: float | None = None
    low: float | None = None

    def __call__(self, step: int) -> LrAndMomentum:
        """The rate of a step, and the momentum if the schedule moves it."""
        top, last = 45 * self.total_steps // 100, self.total_steps - 1
        if step <= top:
            return self._between(0, top, step, (self.start, self.high), (self.peak, self.low))
        if step >= last:
            return _rates(self.end, self.high)
        if step <= 2 * top:
            return self._between(top, 2 * top, step, (self.peak, self.low), (self.start, self.high))
        return self._between(2 * top, last, step, (self.start, self.high), (self.end, self.high))

    def _between(
        self, first: int, last: int, step: int, a: tuple[float, float | None], b: tuple[float, float | None]
    ) -> LrAndMomentum:
        share = (step - first) / (last - first) if last > first else 1.0
        momentum = None if a[1] is None or b[1] is None else _line(a[1], b[1], share)
        return _rates(_line(a[0], b[0], share), momentum)


@dataclass(frozen=True)
class CosineCycle:
    """The shape of torch's OneCycleLR: half a cosine up, half a cosine down.

    With torch's defaults it rises over 30 % of the training. The peak lies at step 0.3 N - 1 (between two
    steps where that is not whole), `end` is step N - 1; momentum high, low, high.

    >>> [round(CosineCycle(20, 0.04, 1.0, 4e-6)(t)["lr"], 6) for t in (0, 1, 5, 12, 19)]
    [0.04, 0.131672, 1.0, 0.500002, 4e-06]
    """

    total_steps: int
    start: float
    peak: float
    end: float
    high: float | None = None
    low: float | None = None

    def __call__(self, step: int) -> LrAndMomentum:
        """The rate of a step, and the momentum if the schedule moves it."""
        top, last = 0.3 * self.total_steps - 1, self.total_steps - 1
        if self.total_steps == 1:
            return _rates(self.peak, self.low)
        rising = step <= top
        share = step / top if rising and top > 0 else (min(step, last) - top) / (last - top)
        start, end = (self.start, self.peak) if rising else (self.peak, self.end)
        if self.high is None or self.low is None:
            return _rates(half_cosine(start, end, share), None)
        before, after = (self.high, self.low) if rising else (self.low, self.high)
        return _rates(half_cosine(start, end, share), half_cosine(before, after, share))


def _rates(lr: float, momentum: float | None) -> LrAndMomentum:
    return {"lr": lr} if momentum is None else {"lr": lr, "momentum": momentum}


def _line(a: float, b: float, share: float) -> float:
    return b if share == 1 else a + (b - a) * share  # a + (b - a) may miss b by a rounding
