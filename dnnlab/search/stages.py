"""Stages: coarse to fine.

A stage draws new points in the box of the best ones (`zoom`) or trains the best again, longer (`keep`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..errors import ConfigError, Problem
from .ranges import Numbers, Range
from .space import Point, Space

SMALLEST_BOX = 0.1
"""The smallest share of a range: points that agree by chance would leave nothing to search."""


@dataclass(frozen=True)
class Stage:
    """One stage of a sweep."""

    number: int
    """From 0."""
    trials: int
    """Its points."""
    epochs: int | None = None
    """Epochs of each run; None for those of the base."""
    zoom: int | None = None
    """Draw in the box around this many best points of the stage before."""
    keep: int | None = None
    """Train this many best points of the stage before again."""


@dataclass(frozen=True)
class Narrowed:
    """The box in which a stage draws."""

    space: Space
    """The space with smaller ranges."""
    changed: dict[str, tuple[Range, Range]]
    """Dimension -> (old range, new range) of the ranges that became smaller."""


def check_stages(stages: Sequence[Stage]) -> None:
    """Raise `ConfigError` for `zoom` or `keep` in the first stage, and of more points than a stage has."""
    problems = []
    before = 0
    for stage in stages:
        path = f"stages.{stage.number}"
        wanted = stage.keep or stage.zoom
        word = "keep" if stage.keep else "zoom"
        if wanted and not before:
            problems.append(
                Problem(
                    f"{word}: {wanted} in the first stage",
                    "expected trials",
                    "{trials: 40, epochs: 1}",
                    path,
                    code="stages",
                )
            )
        elif wanted and wanted > before:
            text = f"{word}: {wanted} of a stage of {before} trials"
            problems.append(
                Problem(
                    text, f"expected at most {before}", f"{word}: {before}", f"{path}.{word}", code="stages"
                )
            )
        before = stage.trials
    ConfigError.raise_if_any(problems)


def narrow(space: Space, best: Sequence[Point]) -> Narrowed:
    """The box of the best points: smallest to largest value of each dimension, and the options that occur.

    A box narrower than a tenth of its range is widened to a tenth, around its middle and inside the range.
    Source: CS231n, "Stage your search from coarse to fine".
    """
    ranges: dict[str, Range] = {}
    for dimension in space.dimensions:
        values = [point[dimension.key] for point in best if dimension.key in point]
        if not values:
            continue
        if isinstance(dimension.range, Numbers):
            ranges[dimension.key] = _box(dimension.range, min(values), max(values))
        elif len(left := tuple(sorted({int(v) for v in values}))) < len(dimension.range.grid()):
            ranges[dimension.key] = replace(dimension.range, allowed=left)
    changed = {key: (space[key].range, box) for key, box in ranges.items() if box != space[key].range}
    return Narrowed(space.with_ranges(ranges), changed)


def best_points(results: Sequence[tuple[Point, float]], count: int, direction: str) -> list[Point]:
    """The points of the best results; equal results keep their order."""
    ordered = sorted(results, key=lambda result: -result[1] if direction == "max" else result[1])
    return [point for point, _ in ordered[:count]]


def _box(numbers: Numbers, low: float, high: float) -> Numbers:
    start, end = numbers.position(low), numbers.position(high)
    if end - start < SMALLEST_BOX:
        middle = min(max((start + end) / 2, SMALLEST_BOX / 2), 1 - SMALLEST_BOX / 2)
        plain = Numbers(numbers.low, numbers.high, numbers.log)
        low, high = plain.at(middle - SMALLEST_BOX / 2), plain.at(middle + SMALLEST_BOX / 2)
        if numbers.whole or numbers.step is not None:
            reach = numbers.step or 1
            low, high = max(numbers.low, min(low, high - reach)), min(numbers.high, max(high, low + reach))
    return numbers.within(low, high)
