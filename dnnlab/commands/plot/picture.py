"""The contents of a picture of `dnnlab plot` as numbers; `drawing.py` draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...registry import Bound, inline, plain
from ...report.charts import Chart as RunChart


@dataclass(frozen=True)
class Line:
    """y over x under a label. dashed: a second line in the colour of the one before."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """Lines on one or two axes. right: on an axis of their own, at the right-hand side."""

    title: str
    note: str
    x_label: str
    y_label: str
    lines: Sequence[Line]
    right: Sequence[Line] = field(default_factory=list)
    right_label: str = ""


@dataclass(frozen=True)
class Grid:
    """Rows of images of equal size: (height, width) grey or (height, width, 3) in 0..1."""

    title: str
    note: str
    rows: Sequence[tuple[str, Sequence[Any]]]


@dataclass(frozen=True)
class Panel:
    """A histogram. edges: one more than heights. marks: places of thin lines with a word each."""

    title: str
    edges: Sequence[float]
    heights: Sequence[float]
    marks: Sequence[tuple[float, str]] = ()


@dataclass(frozen=True)
class Histograms:
    """Histograms side by side, with an x axis each."""

    title: str
    note: str
    x_label: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Charts:
    """The charts of a run's page, one below or beside the other."""

    title: str
    note: str
    charts: Sequence[RunChart]


@dataclass(frozen=True)
class Matrix:
    """A confusion matrix: rows true, columns predicted."""

    title: str
    note: str
    names: Sequence[str]
    counts: Sequence[Sequence[int]]


Picture = Chart | Grid | Histograms | Charts | Matrix


def words_of(bound: Bound) -> str:
    """The part for a title: its name, and those of its keys that are not at their defaults.

    >>> from dnnlab.registry import bind
    >>> words_of(bind("activation", {"name": "elu", "alpha": 0.5}))
    'elu, alpha 0.5'
    """
    fields, values = bound.entry.fields, {**bound.keys, **bound.common}
    changed = {
        key: plain(value) for key, value in values.items() if plain(value) != plain(fields[key].default)
    }
    return ", ".join([bound.name, *(f"{key} {inline(value)}" for key, value in changed.items())])
