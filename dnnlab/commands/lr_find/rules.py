"""From the losses of a range test to a rate: plain numbers in, plain numbers out.

Sources: Smith 2015, arXiv:1506.01186, section 3.3 (the range test); Howard & Gugger 2020, Deep Learning for
Coders, ch. 5 (steepest slope); Geron, Hands-On Machine Learning, ch. 11 (a tenth of the rate where the loss
begins to climb).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

EXPLODED = 4.0  # times the smallest smoothed loss
# The smoothing forgets over a thirtieth of the steps: a quarter of a decade in a test of eight decades.
WINDOW = 30
BEGIN = 10  # a tenth of the steps says how much the loss varies
# A fall counts from so many deviations of the smoothed loss, and from this share of it.
NOISE, LEAST = 6.0, 0.05
TENTH = 0.1


@dataclass(frozen=True)
class Curve:
    """The losses of one range test."""

    rates: tuple[float, ...]
    """The rate of each step, rising."""
    losses: tuple[float, ...]
    """The loss of each step's batch before its update."""
    planned: int
    """Steps in all."""
    ended: str
    """"exploded" (above four times its smallest value, or not a number) or "whole"."""

    @property
    def smoothed(self) -> tuple[float, ...]:
        """See `smooth`."""
        return tuple(smooth(self.losses, self.planned))


@dataclass(frozen=True)
class Suggestion:
    """A suggested rate."""

    rule: str
    """"steepest" or "book"."""
    lr: float
    """The rate."""
    why: str
    """One line for the screen."""


class Smoother:
    """An exponential mean with bias correction; a loss counts e times less every `planned / WINDOW` steps."""

    def __init__(self, planned: int) -> None:
        self.keep = math.exp(-1.0 / max(1.0, planned / WINDOW))
        self.total, self.weight = 0.0, 0.0

    def add(self, loss: float) -> float:
        """The mean with one more loss."""
        self.total = self.keep * self.total + (1 - self.keep) * loss
        self.weight = self.keep * self.weight + (1 - self.keep)
        return self.total / self.weight


def smooth(losses: Sequence[float], planned: int) -> list[float]:
    """Each loss with those before it.

    A single loss is its own mean: the correction divides by the weights so far.

    >>> [round(x, 3) for x in smooth([4.0, 2.0, 2.0], 30)]
    [4.0, 2.538, 2.18]
    """
    smoother = Smoother(planned)
    return [smoother.add(loss) for loss in losses]


def has_exploded(smoothed: float, lowest: float, first: float) -> bool:
    """Whether the loss is so far up that nothing more is to be learned.

    A loss near 0 is measured by a twentieth of the first one.
    """
    return not math.isfinite(smoothed) or smoothed - lowest > (EXPLODED - 1) * max(
        abs(lowest), abs(first) / 20
    )


def turning_point(curve: Curve) -> int | None:
    """The step of the smallest smoothed loss; None if the loss never fell by more than its noise.

    It varies as successive losses of the first tenth differ, which a fall beneath them does not change (von
    Neumann 1941).
    """
    smoothed = curve.smoothed
    window = max(2, curve.planned // WINDOW)
    if len(smoothed) < 2 * window:
        return None
    begin = curve.losses[: max(2 * window, curve.planned // BEGIN)]
    start = smoothed[window]
    variance = sum((b - a) ** 2 for a, b in pairwise(begin)) / (2 * (len(begin) - 1))
    lowest = min(range(len(smoothed)), key=smoothed.__getitem__)
    fall = start - smoothed[lowest]
    return (
        lowest
        if lowest > window and fall > max(NOISE * (variance / window) ** 0.5, LEAST * abs(start))
        else None
    )


def turns_up(curve: Curve, turn: int) -> bool:
    """Whether the curve goes on far enough after its lowest point to show a rise."""
    return curve.ended == "exploded" or turn < len(curve.rates) - curve.planned // WINDOW


def steepest(curve: Curve, turn: int) -> int:
    """The step before the turning point at which the smoothed loss falls fastest over log(rate)."""
    reach, smoothed = max(2, curve.planned // WINDOW), curve.smoothed
    return min(
        range(reach, max(turn, reach + 1)),
        key=lambda step: slope(smoothed[step - reach : min(step, turn) + reach + 1]),
    )


def slope(values: Sequence[float]) -> float:
    """The slope of the straight line nearest to equally spaced values.

    >>> slope([3.0, 2.0, 1.0])
    -1.0
    """
    middle = (len(values) - 1) / 2
    return sum((i - middle) * v for i, v in enumerate(values)) / max(
        sum((i - middle) ** 2 for i in range(len(values))), 1e-12
    )


def suggestions(curve: Curve) -> list[Suggestion]:
    """The suggestions of both rules, the book's first.

    None if the loss never falls, or never turns up: the best rate may lie beyond.
    """
    turn = turning_point(curve)
    if turn is None or not turns_up(curve, turn):
        return []
    climbs, falls = curve.rates[turn], curve.rates[steepest(curve, turn)]
    return [
        Suggestion(
            "book",
            rounded(climbs * TENTH),
            f"a tenth of {rounded(climbs):g}, where the loss turns up (Geron, ch. 11)",
        ),
        Suggestion(
            "steepest", rounded(falls), "where the loss falls fastest (Smith 2015; Howard & Gugger 2020)"
        ),
    ]


def rounded(rate: float) -> float:
    """Two digits: the test knows no more.

    >>> rounded(0.0123456)
    0.012
    """
    return float(f"{rate:.1e}")
