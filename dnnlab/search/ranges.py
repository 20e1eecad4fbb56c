"""One searched value: a range of numbers on its scale, or a choice."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

DIGITS = 6
"""Significant digits of a drawn number: configs stay readable, and no result depends on the seventh."""


@dataclass(frozen=True)
class Numbers:
    """Numbers from `low` to `high`, both ends included, evenly spread on a linear or a logarithmic scale."""

    low: float
    """The smallest number."""
    high: float
    """The largest number."""
    log: bool = False
    """Whether the scale is logarithmic."""
    whole: bool = False
    """Whether only whole numbers are drawn."""
    step: float | None = None
    """Draw only low, low + step, ... (on linear scales)."""
    points: int | None = None
    """The number of values in a grid."""

    def at(self, share: float) -> float | int:
        """The number at a share in [0, 1) of the range.

        >>> Numbers(1e-6, 10, log=True).at(0.5)
        0.00316228
        >>> [Numbers(1, 3, whole=True).at(u) for u in (0, 0.4, 0.99)]
        [1, 2, 3]
        """
        if self.step is not None:
            count = self._levels(self.step)
            return self._level(self.step, min(int(share * count), count - 1))
        if self.whole:
            # Half a unit beyond each end, so that the ends are as likely as the numbers between them.
            low, high = self.low - 0.5, self.high + 0.5
            value = (
                math.exp(math.log(low) + share * math.log(high / low))
                if self.log
                else low + share * (high - low)
            )
            return int(min(max(math.floor(value + 0.5), self.low), self.high))
        value = (
            self.low * (self.high / self.low) ** share
            if self.log
            else self.low + share * (self.high - self.low)
        )
        return min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high)

    def position(self, value: float) -> float:
        """The position of a number between the ends, from 0 to 1, on the scale of the range."""
        if self.high == self.low:
            return 0.5
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def grid(self) -> list[float | int] | None:
        """The values of a grid: every step or integer, or `points` values; None if their number is open."""
        if self.points is not None:
            shares = [0.5] if self.points == 1 else [i / (self.points - 1) for i in range(self.points)]
            values = [replace(self, whole=False, step=None).at(share) for share in shares]
            return list(dict.fromkeys(round(v) for v in values)) if self.whole else values
        if self.step is not None:
            return [self._level(self.step, i) for i in range(self._levels(self.step))]
        return list(range(int(self.low), int(self.high) + 1)) if self.whole and not self.log else None

    def within(self, low: float, high: float) -> Numbers:
        """The same kind of range between other ends. Steps still count from the old low end."""
        if self.step is not None:
            low = self.low + math.floor((low - self.low) / self.step + 1e-9) * self.step
        return replace(self, low=int(low) if self.whole else low, high=int(high) if self.whole else high)

    def plain(self) -> dict[str, Any]:
        """The YAML form, `{log_uniform: [1e-06, 10]}`."""
        word = {
            (False, False): "uniform",
            (True, False): "log_uniform",
            (False, True): "int",
            (True, True): "log_int",
        }[self.log, self.whole]
        more = {"step": self.step, "points": self.points}
        return {
            word: [self.low, self.high],
            **{key: value for key, value in more.items() if value is not None},
        }

    def _levels(self, step: float) -> int:
        return int((self.high - self.low) / step + 1e-9) + 1

    def _level(self, step: float, index: int) -> float | int:
        value = float(f"{self.low + index * step:.12g}")
        return int(value) if self.whole else value


@dataclass(frozen=True)
class Choice:
    """One of several values, drawn with equal chances and stored by its index."""

    options: tuple[Any, ...]
    """The values, which may hold searched values of their own."""
    allowed: tuple[int, ...] | None = None
    """The indices that are drawn, None for all. A narrowed choice keeps its indices."""

    def at(self, share: float) -> int:
        """The index at a share in [0, 1)."""
        indices = self.grid()
        return indices[min(int(share * len(indices)), len(indices) - 1)]

    def grid(self) -> list[int]:
        """All indices that are drawn."""
        return list(range(len(self.options))) if self.allowed is None else list(self.allowed)

    def plain(self) -> dict[str, Any]:
        """The YAML form, `{choice: [...]}`."""
        return {"choice": [self.options[index] for index in self.grid()]}


Range = Numbers | Choice
