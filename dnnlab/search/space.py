"""The space that a sweep searches: addresses of a config with their ranges. A point becomes overrides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import reduce
from operator import getitem
from typing import Any

from .ranges import Numbers, Range

Point = dict[str, float | int]
"""Dimension -> number; a choice by its index."""
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Dimension:
    """One number to draw."""

    key: str
    """The name in points: `optimizer[1].momentum` is inside the second value of the choice `optimizer`."""
    address: str
    """The address in the config, such as `optimizer.momentum`."""
    range: Range
    """The values that it may take."""
    condition: tuple[str, int] | None = None
    """The choice and the index under which it exists."""
    inside: Path = ()
    """Its path inside the value of that choice."""


@dataclass(frozen=True)
class Space:
    """The dimensions of a search."""

    dimensions: tuple[Dimension, ...]
    """In the order of the file, a choice before the dimensions inside its values."""

    def __getitem__(self, key: str) -> Dimension:
        return next(d for d in self.dimensions if d.key == key)

    def draw(self, share: Callable[[Dimension], float]) -> Point:
        """The point at these shares of the ranges; dimensions of other choices are left out."""
        return self.fill(lambda dimension: dimension.range.at(share(dimension)))

    def fill(self, value: Callable[[Dimension], float | int]) -> Point:
        """The point of these numbers, computed in order; dimensions of other choices are left out."""
        point: Point = {}
        for dimension in self.dimensions:
            if active(dimension, point):
                point[dimension.key] = value(dimension)
        return point

    def overrides(self, point: Point) -> dict[str, Any]:
        """Address -> value for a config, shorter addresses first, so that keys of a part follow the part."""
        return {
            d.address: self._value(d, point)
            for d in sorted(self._outer(), key=lambda d: d.address.count("."))
        }

    def point_of(self, overrides: Mapping[str, Any]) -> Point | None:
        """The point whose `overrides` these are; further addresses are ignored. None if there is none."""
        point: Point = {}
        values: dict[str, Any] = {}
        try:
            for dimension in self.dimensions:
                if not active(dimension, point):
                    continue
                value = (
                    overrides[dimension.address]
                    if dimension.condition is None
                    else reduce(getitem, dimension.inside, values[dimension.condition[0]])
                )
                values[dimension.key] = value
                point[dimension.key] = self._number(dimension, value)
        except (KeyError, IndexError, TypeError, StopIteration):
            return None
        return point if all(overrides[a] == value for a, value in self.overrides(point).items()) else None

    def _number(self, dimension: Dimension, value: Any) -> float | int:
        """The number that gives a value: itself, or the index of a choice.

        Raises `StopIteration` or `TypeError` if there is none.
        """
        if not isinstance(dimension.range, Numbers):
            return next(i for i in dimension.range.grid() if self._is_option(dimension, i, value))
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(value)
        return value

    def _is_option(self, dimension: Dimension, index: int, value: Any) -> bool:
        """Whether a value is this option, whatever the dimensions inside it are."""
        option = deepcopy(dimension.range.options[index])  # type: ignore[union-attr]  # of a choice
        try:
            for inner in self._within(dimension, index):
                option = put(option, inner.inside, reduce(getitem, inner.inside, value))
        except (KeyError, IndexError, TypeError):
            return False
        return bool(option == value)

    def shown(self, point: Point) -> dict[str, Any]:
        """Address -> value for tables: a choice of parts by its name, and each number that was drawn."""
        values = {}
        for dimension in self.dimensions:
            if dimension.key in point:
                number = point[dimension.key]
                values[dimension.address] = name_of(dimension.range, number)
        return values

    def with_ranges(self, ranges: Mapping[str, Range]) -> Space:
        """The same space with some ranges replaced, by key."""
        return Space(tuple(replace(d, range=ranges.get(d.key, d.range)) for d in self.dimensions))

    def plain(self) -> dict[str, Any]:
        """The YAML form of `search`."""
        return {d.address: self._plain(d) for d in self._outer()}

    def _outer(self) -> Iterator[Dimension]:
        return (d for d in self.dimensions if d.condition is None)

    def _within(self, dimension: Dimension, index: int) -> Iterator[Dimension]:
        return (d for d in self.dimensions if d.condition == (dimension.key, index))

    def _value(self, dimension: Dimension, point: Point) -> Any:
        number = point[dimension.key]
        if isinstance(dimension.range, Numbers):
            return number
        value = deepcopy(dimension.range.options[int(number)])
        for inner in self._within(dimension, int(number)):
            value = put(value, inner.inside, self._value(inner, point))
        return value

    def _plain(self, dimension: Dimension) -> Any:
        if isinstance(dimension.range, Numbers):
            return dimension.range.plain()
        options = []
        for index in dimension.range.grid():
            value = deepcopy(dimension.range.options[index])
            for inner in self._within(dimension, index):
                value = put(value, inner.inside, self._plain(inner))
            options.append(value)
        return {"choice": options}


def active(dimension: Dimension, point: Point) -> bool:
    """Whether a dimension exists under the choices that a point has made so far."""
    return dimension.condition is None or point.get(dimension.condition[0]) == dimension.condition[1]


def put(tree: Any, path: Path, value: Any) -> Any:
    """`tree`, changed in place, with `value` at a path; an empty path replaces the whole tree."""
    if not path:
        return value
    place = tree
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return tree


def name_of(range_: Range, number: float | int) -> Any:
    """A drawn number as tables show it: the number, the value of a choice, or the name if it is unique."""
    if isinstance(range_, Numbers):
        return number
    names = [
        option["name"] if isinstance(option, dict) and "name" in option else option
        for option in range_.options
    ]
    name = names[int(number)]
    if names.count(name) == 1:
        return name
    option = range_.options[int(number)]
    return (
        {key: value for key, value in option.items() if value is not None}
        if isinstance(option, dict)
        else option
    )
