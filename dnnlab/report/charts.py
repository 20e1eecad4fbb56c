"""Curves of a page: what is drawn (`Chart`, `Ridges`), as data in the page that its script draws as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from .figures import visible
from .shell import fragment

POINTS, ALL_POINTS = 400, 9000
"""At most of a curve, and of all curves of a chart together."""
MANY = 7  # curves that are told apart by colours of their own; more are shaded from the first to the last
SPIKE = 3  # times the counts of all but the highest tenth of the bins
WIDE = 30  # a range from which a logarithmic axis shows more

Number = float | None


@dataclass(frozen=True)
class Series:
    """One curve; None in y is a gap.

    look: main (the accent), quiet (grey) or "" (a colour of its own). place: where it stands in an order
    (layers), from 0 to 1; its shade follows from that, so that a layer has the same in every chart.
    """

    label: str
    x: Sequence[float]
    y: Sequence[Number]
    look: str = ""
    dashed: bool = False
    place: float | None = None


@dataclass(frozen=True)
class Chart:
    """Curves over a common axis.

    percent: y is a share. log: whether the logarithmic axis comes first, None: where the range is wide.
    levels: (y, words) of horizontal lines; marks: (x, words) of vertical ones. zero: the axis begins at 0.
    steps: training steps in one unit of x, for the pointer's words. span: from where to where x goes at
    least. note: a sentence below.
    """

    title: str
    x_label: str
    y_label: str
    series: Sequence[Series]
    percent: bool = False
    log: bool | None = False
    levels: Sequence[tuple[float, str]] = ()
    marks: Sequence[tuple[float, str]] = ()
    zero: bool = False
    steps: float | None = None
    span: tuple[float, float] | None = None
    note: str = ""

    def begins_log(self) -> bool:
        """Whether the logarithmic axis is shown first."""
        return self.wide() if self.log is None else self.log and self.positive()

    def values(self) -> list[float]:
        """All finite numbers."""
        return [v for s in self.series for v in s.y if v is not None and math.isfinite(v)]

    def positive(self) -> bool:
        """Whether a logarithmic axis could show anything."""
        return any(v > 0 for v in self.values())

    def has_log(self) -> bool:
        """Whether a logarithmic axis is offered: for sizes, not for shares nor for what goes through zero."""
        crossing = any(y <= 0 for y, _ in self.levels) or any(v < 0 for v in self.values())
        return self.positive() and not self.percent and not crossing

    def wide(self) -> bool:
        """Whether the numbers, all above 0, span so much that a linear axis could not show the small ones."""
        found = self.values()
        return bool(found) and min(found) > 0 and max(found) > WIDE * min(found)


@dataclass(frozen=True)
class Ridges:
    """Histograms over time, one behind the other. rows: (bins,) counts at each of `times`, all over bins of one width from low to high."""

    title: str
    x_label: str
    times: Sequence[float]
    low: float
    high: float
    rows: Sequence[Sequence[float]]
    time: str = "epoch"
    note: str = ""


def chart_html(chart: Chart | Ridges) -> Markup:
    """The figure.

    Its numbers are in the page as JSON (four figures, long curves thinned with their peaks kept).
    """
    spec = _ridges(chart) if isinstance(chart, Ridges) else _lines(chart)
    switch = isinstance(chart, Chart) and chart.has_log()
    return fragment(
        "chart.html", title=chart.title, note=chart.note, spec=spec, switch=switch, log=bool(spec.get("log"))
    )


def charts_html(
    charts: Sequence[Chart | Ridges], narrow: bool = False, beside: Markup | None = None
) -> Markup:
    """Figures side by side where there is room. narrow: more of them. beside: what stands in the row after the last one."""
    if not charts:
        return Markup("")
    return fragment(
        "charts.html",
        charts=[*(chart_html(chart) for chart in charts), *([beside] if beside else [])],
        narrow=narrow,
    )


def rounded(value: float, digits: int = 4) -> float | int:
    """A number with so many figures, and no more characters than it needs.

    >>> [rounded(x) for x in (0.123456, 20.0, 1.5)]
    [0.1235, 20, 1.5]
    """
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


def _lines(chart: Chart) -> dict[str, Any]:
    axes: dict[tuple[float, ...], int] = {}
    most = max(60, min(POINTS, ALL_POINTS // max(len(chart.series), 1)))
    own = [s for s in chart.series if not s.look]
    crowd = {id(s): i / (len(own) - 1) for i, s in enumerate(own)} if len(own) > MANY else {}
    series = [_one(s, axes, most, crowd.get(id(s)) if s.place is None else s.place) for s in chart.series]
    return {
        "kind": "lines",
        "x": visible(chart.x_label),
        "y": visible(chart.y_label),
        "axes": [[rounded(v, 6) for v in axis] for axis in axes],
        "series": series,
        "percent": chart.percent,
        "log": chart.begins_log(),
        "levels": [[rounded(y), visible(words)] for y, words in chart.levels],
        "marks": [[rounded(x, 6), visible(words)] for x, words in chart.marks],
        "zero": chart.zero,
        "steps": chart.steps,
        "span": None if chart.span is None else [rounded(x, 6) for x in chart.span],
    }


def _one(
    series: Series, axes: dict[tuple[float, ...], int], most: int, place: float | None
) -> dict[str, Any]:
    finite = [v if v is not None and math.isfinite(v) else None for v in series.y]
    x, y = thin(series.x, finite, most)
    axis = axes.setdefault(tuple(x), len(axes))
    shown = [None if v is None else rounded(v) for v in y]
    look = {
        "look": series.look,
        "dashed": series.dashed,
        "place": None if place is None else rounded(place, 3),
    }
    return {"name": visible(series.label), "axis": axis, "y": shown, **look}


def _ridges(chart: Ridges) -> dict[str, Any]:
    rows = [
        [round(99 * min(count / top, 1.0)) for count in row]
        for row, top in ((row, _top(row)) for row in chart.rows)
    ]
    axis = {
        "low": rounded(chart.low),
        "high": rounded(chart.high),
        "times": [rounded(t, 6) for t in chart.times],
    }
    return {"kind": "ridges", "x": visible(chart.x_label), "time": chart.time, "rows": rows, **axis}


def _top(row: Sequence[float]) -> float:
    """The count that is drawn highest: a spike (the zeros behind ReLU) is cut, since the rest would be a flat line beside it."""
    counted = sorted(count for count in row if count > 0)
    return min(counted[-1], SPIKE * counted[int(0.9 * (len(counted) - 1))]) if counted else 1.0


def thin(x: Sequence[float], y: Sequence[Number], most: int = 600) -> tuple[list[float], list[Number]]:
    """At most about `most` points (x, y): of each stretch the lowest and the highest, and the curve's first and last.

    None in y is a gap; a stretch with gaps keeps its first one.

    >>> thin(range(6), [0.0, 5.0, 1.0, 1.0, -7.0, 2.0], most=4)
    ([0, 1, 4, 5], [0.0, 5.0, -7.0, 2.0])
    """
    count = len(y)
    if count <= most:
        return list(x), list(y)
    stretches = max((most - 2) // 2, 1)
    kept = {0, count - 1}
    for i in range(stretches):
        inside = range(i * count // stretches, (i + 1) * count // stretches)
        measured = [j for j in inside if y[j] is not None]
        if measured:
            kept |= {min(measured, key=lambda j: y[j] or 0.0), max(measured, key=lambda j: y[j] or 0.0)}
        if len(measured) < len(inside):
            kept.add(next(j for j in inside if y[j] is None))
    places = sorted(kept)
    return [x[j] for j in places], [y[j] for j in places]
