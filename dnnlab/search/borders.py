"""Borders: a best value at the edge of its range, with perhaps a better one beyond the edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .ranges import Numbers
from .space import Point, Space

EDGE = 0.05
"""The share of the range, on its own scale, that counts as its edge."""


@dataclass(frozen=True)
class Border:
    """A best value at an edge of its range."""

    key: str
    """The dimension."""
    address: str
    """The address of the value in the config."""
    value: float
    """The best value."""
    edge: str
    """low or high."""
    range: Numbers
    """The range that was searched."""
    suggestion: Numbers | None
    """The range to try next; None if the key takes no other values."""

    def json(self) -> dict[str, Any]:
        """The JSON face: `{key, edge, suggestion}` and the value with its range."""
        suggestion = None if self.suggestion is None else {self.address: self.suggestion.plain()}
        return {
            "key": self.address,
            "edge": self.edge,
            "value": self.value,
            "range": self.range.plain(),
            "suggestion": suggestion,
        }


def borders(
    space: Space, best: Point, allows: Callable[[str, float], bool] = lambda address, value: True
) -> list[Border]:
    """The borders of the best point: its values within 5 % of an edge.

    allows: whether the config takes a value at an address. The range to try next is as wide as this one, with
    the best value in its middle, cut to the values that the config takes. Source: CS231n, "Careful with best
    values on border".
    """
    found = []
    for dimension in space.dimensions:
        numbers = dimension.range
        if not isinstance(numbers, Numbers) or dimension.key not in best:
            continue
        value = best[dimension.key]
        position = numbers.position(value)
        if EDGE < position < 1 - EDGE:
            continue
        edge = "low" if position <= EDGE else "high"
        suggestion = centred_range(numbers, value, partial(allows, dimension.address))
        found.append(Border(dimension.key, dimension.address, value, edge, numbers, suggestion))
    return found


def centred_range(numbers: Numbers, value: float, allows: Callable[[float], bool]) -> Numbers | None:
    """The range with `value` in its middle and each end allowed; None if it would hold no new values."""
    if numbers.log:
        reach = (numbers.high / numbers.low) ** 0.5
        ends = [value / reach, value * reach]
    else:
        half = (numbers.high - numbers.low) / 2
        ends = [value - half, value + half]
    if numbers.whole:
        ends = [float(max(round(ends[0]), 1 if numbers.log else ends[0] // 1)), float(round(ends[1]))]
    if numbers.step is not None:
        ends = [value + round((end - value) / numbers.step) * numbers.step for end in ends]
    low, high = (_drawn_back(numbers, end, value, allows) for end in ends)
    if numbers.low <= low and high <= numbers.high:
        return None
    return Numbers(low, high, numbers.log, numbers.whole, numbers.step, numbers.points)


def _drawn_back(numbers: Numbers, end: float, value: float, allows: Callable[[float], bool]) -> float:
    """The allowed end nearest to `end`, found by bisection between it and the value."""
    end = _tidy(numbers, end)
    if allows(end):
        return end
    good, bad = _tidy(numbers, value), end
    for _ in range(40):
        middle = _tidy(numbers, (good * bad) ** 0.5 if numbers.log else (good + bad) / 2)
        if middle in (good, bad):
            break
        good, bad = (middle, bad) if allows(middle) else (good, middle)
    return good


def _tidy(numbers: Numbers, value: float) -> float:
    return (
        round(value)
        if numbers.whole
        else float(f"{value:.3g}")
        if numbers.step is None
        else float(f"{value:.12g}")
    )
