"""The charts of a page (`Chart`, `Ridges`): data in the page, which its script draws as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from .figures import visible
from .shell import fragment

POINTS, ALL_POINTS = 400, 9000
"""The most points of a curve, and of all curves of a chart together."""
MANY = 7  # curves that are told apart by colours of their own; more are shaded from the first to the last
SPIKE = 3  # times the counts of all but the highest tenth of the bins
WIDE = 30  # a range from which a logarithmic axis shows more

Number = float | None


@dataclass(frozen=True)
class Series:
    """One curve."""

    label: str
    """Its name in the legend."""
    x: Sequence[float]
    """The x values, ascending."""
    y: Sequence[Number]
    """The y values; None is a gap."""
    look: str = ""
    """main (the accent), quiet (grey) or "" (a colour of its own)."""
    dashed: bool = False
    """Whether the line is dashed."""
    place: float | None = None
    """Its place in an order (of layers), from 0 to 1, which sets its shade in every chart."""


@dataclass(frozen=True)
class Chart:
    """Curves over a common axis."""

    title: str
    """The title above it."""
    x_label: str
    """The name of the x axis."""
    y_label: str
    """The name of the y axis."""
    series: Sequence[Series]
    """The curves."""
    percent: bool = False
    """Whether y is a share."""
    log: bool | None = False
    """Whether the logarithmic axis is shown first; None: if the range is wide."""
    levels: Sequence[tuple[float, str]] = ()
    """(y, text) of horizontal lines."""
    marks: Sequence[tuple[float, str]] = ()
    """(x, text) of vertical lines."""
    zero: bool = False
    """Whether the y axis begins at 0."""
    steps: float | None = None
    """The training steps in one unit of x, for the tooltip."""
    span: tuple[float, float] | None = None
    """The smallest range of x that is shown."""
    note: str = ""
    """A sentence below the chart."""

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
    """Histograms over time, drawn as overlapping rows."""

    title: str
    """The title above them."""
    x_label: str
    """The name of the x axis."""
    times: Sequence[float]
    """The time of each histogram."""
    low: float
    """The lower end of the first bin."""
    high: float
    """The upper end of the last bin."""
    rows: Sequence[Sequence[float]]
    """The counts of each histogram, in bins of equal width."""
    time: str = "epoch"
    """The unit of the times."""
    note: str = ""
    """A sentence below the chart."""


def chart_html(chart: Chart | Ridges) -> Markup:
    """The figure.

    Its numbers are in the page as JSON (with as many figures as can be seen, long curves thinned with their
    peaks kept).
    """
    spec = _ridges(chart) if isinstance(chart, Ridges) else _lines(chart)
    switch = isinstance(chart, Chart) and chart.has_log()
    return fragment(
        "chart.html", title=chart.title, note=chart.note, spec=spec, switch=switch, log=bool(spec.get("log"))
    )


def charts_html(
    charts: Sequence[Chart | Ridges], narrow: bool = False, beside: Markup | None = None
) -> Markup:
    """Figures side by side if there is room.

    narrow: more figures in a row. beside: HTML in the row after the last figure.
    """
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


def figures_for(values: Iterable[Number], least: int = 4) -> int:
    """The figures that place each value to less than a thousandth of their range.

    >>> figures_for([0.0, 0.9]), figures_for([237671.25, 237668.5]), figures_for([2.0, 2.0])
    (4, 9, 15)
    """
    finite = [v for v in values if v is not None and math.isfinite(v)] or [0.0]
    low, high = min(finite), max(finite)
    size, span = max(abs(low), abs(high)), high - low
    if not span:
        return 15
    return min(15, max(least, 4 + math.ceil(math.log10(size / span))) if size / span else least)


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
        "levels": [[rounded(y, 15), visible(words)] for y, words in chart.levels],
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
    digits = figures_for(finite)
    shown = [None if v is None else rounded(v, digits) for v in y]
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
    """The count that is drawn at full height.

    A spike, such as the zeros after ReLU, is cut: beside it the rest would be a flat line.
    """
    counted = sorted(count for count in row if count > 0)
    return min(counted[-1], SPIKE * counted[int(0.9 * (len(counted) - 1))]) if counted else 1.0


def thin(x: Sequence[float], y: Sequence[Number], most: int = 600) -> tuple[list[float], list[Number]]:
    """About `most` points (x, y) of a curve: the lowest and the highest of each stretch.

    The first and the last point of the curve are kept. None in y is a gap; a stretch with gaps keeps its
    first one.

    >>> thin(range(6), [0.0, 5.0, 1.0, 1.0, -7.0, 2.0], most=4)
    ([0, 1, 4, 5], [0.0, 5.0, -7.0, 2.0])
    """
    count = len(y)
    if count <= most:
        return list(x), list(y)
    stretches = max((most - 2) // 2, 1)
    kept = {0, count - 1}
    for i in range(stretches):
        start, end = i * count // stretches, (i + 1) * count // stretches
        inside = list(y[start:end])
        measured = [v for v in inside if v is not None]
        if measured:
            kept |= {start + inside.index(min(measured)), start + inside.index(max(measured))}
        if len(measured) < len(inside):
            kept.add(start + inside.index(None))
    places = sorted(kept)
    return [x[j] for j in places], [y[j] for j in places]
