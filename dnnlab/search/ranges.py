"""One searched value: a range of numbers on its scale, or a choice."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

DIGITS = 6  # significant digits of a drawn number: configs stay readable, and no result hangs on the seventh


@dataclass(frozen=True)
class Numbers:
    """Numbers from `low` to `high`, both ends included, evenly spread on a linear or a logarithmic scale.

    whole: only integers. step: only low, low + step, ... (linear scales). points: how many values a grid
    takes.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False
    step: float | None = None
    points: int | None = None

    def at(self, share: float) -> float | int:
        """The number at a share in [0, 1) of the range.

        >>> Numbers(1e-6, 10, log=True).at(0.5)
        0.00316228
        >>> [Numbers(1, 3, whole=True).at(u) for u in (0, 0.4, 0.99)]
        [1, 2, 3]
        """
        if self.step is not None:
            return self._level(min(int(share * self._levels()), self._levels() - 1))
        if self.whole:
            # Half a unit beyond each end, so that the ends are as likely as what lies between.
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
        """Where a number lies between the ends, from 0 to 1, on the range's own scale."""
        if self.high == self.low:
            return 0.5
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def grid(self) -> list[float | int] | None:
        """The values of a grid: every step or integer, or `points` values with both ends; None where nothing says how many."""
        if self.points is not None:
            shares = [0.5] if self.points == 1 else [i / (self.points - 1) for i in range(self.points)]
            values = [replace(self, whole=False, step=None).at(share) for share in shares]
            return list(dict.fromkeys(round(v) for v in values)) if self.whole else values
        if self.step is not None:
            return [self._level(i) for i in range(self._levels())]
        return list(range(int(self.low), int(self.high) + 1)) if self.whole and not self.log else None

    def within(self, low: float, high: float) -> Numbers:
        """The same kind of range between other ends. Steps go on from the old low end."""
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

    def _levels(self) -> int:
        assert self.step is not None
        return int((self.high - self.low) / self.step + 1e-9) + 1

    def _level(self, index: int) -> float | int:
        assert self.step is not None
        value = float(f"{self.low + index * self.step:.12g}")
        return int(value) if self.whole else value


@dataclass(frozen=True)
class Choice:
    """One of several values, drawn with equal chances and stored by its index.

    A value may hold searched values of its own.

    allowed: the indices that are still drawn, None for all; an index keeps its meaning when a choice is
    narrowed.
    """

    options: tuple[Any, ...]
    allowed: tuple[int, ...] | None = None

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
