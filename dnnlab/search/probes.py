"""Probes: points that represent a space, at both ends of every range and under every choice."""

from __future__ import annotations

from collections.abc import Iterator

from .ranges import Choice, Numbers, Range
from .space import Dimension, Point, Space


def probes(space: Space) -> Iterator[Point]:
    """For each dimension, a point at each end (or option) with all other dimensions in the middle."""
    seen: list[Point] = []
    for dimension in space.dimensions:
        numbers = dimension.range
        for value in (numbers.low, numbers.high) if isinstance(numbers, Numbers) else numbers.grid():
            found = _at(space, dimension, value)
            if found not in seen:
                seen.append(found)
                yield found


def _at(space: Space, dimension: Dimension, value: float | int) -> Point:
    fixed: dict[str, float | int] = {dimension.key: value}
    condition = dimension.condition
    while condition is not None:
        fixed[condition[0]] = condition[1]
        condition = space[condition[0]].condition
    return space.fill(lambda other: fixed[other.key] if other.key in fixed else _middle(other.range))


def _middle(numbers: Range) -> float | int:
    return numbers.grid()[0] if isinstance(numbers, Choice) else numbers.at(0.5)
