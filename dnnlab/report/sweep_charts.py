"""The charts of a sweep's page: trials as points, and parallel coordinates of the searched values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from .charts import figures_for, rounded
from .figures import visible
from .shell import fragment

MOST_POINTS = 4000  # of a chart
MOST_THREADS = 600  # lines of the parallel coordinates: the best ones


@dataclass(frozen=True)
class Axis:
    """The axis of a searched value, or of the result."""

    label: str
    """Its name."""
    kind: str
    """linear, log or words (a choice, whose values are indices of `words`)."""
    low: float
    """Its lower end."""
    high: float
    """Its upper end."""
    words: Sequence[str] = ()
    """The values of a choice."""
    whole: bool = False
    """Whether its values are integers."""

    def rounded(self, value: float) -> float | int:
        """A place on the axis, with as many figures as can be seen."""
        return rounded(value, figures_for((self.low, self.high), 6))

    def json(self) -> dict[str, Any]:
        """The axis as data for the page's script."""
        ends = {"low": self.rounded(self.low), "high": self.rounded(self.high)}
        return {
            "label": visible(self.label),
            "kind": self.kind,
            **ends,
            "words": [visible(w) for w in self.words],
            "whole": self.whole,
        }


@dataclass(frozen=True)
class Dot:
    """A trial in a chart."""

    number: int
    """The number of the trial."""
    x: float
    """Its place on the x axis."""
    value: float | None
    """Its result, or None."""
    group: int = 0
    """The index of its stage."""


@dataclass(frozen=True)
class Points:
    """Trials as points over an axis."""

    title: str
    """The title above it."""
    x: Axis
    """The x axis."""
    y_label: str
    """The name of the y axis."""
    dots: Sequence[Dot]
    """The trials."""
    groups: Sequence[str]
    """The names of the stages."""
    line: Sequence[tuple[float, float]] = ()
    """(x, value) of a step line, the best result so far."""
    best: int | None = None
    """The number of the trial that is marked with a ring."""
    log: bool = False
    """Whether the logarithmic y axis is shown first."""
    bare: bool = False
    """Whether the name of the axis and the legend are left out, as in one of many small charts."""
    note: str = ""
    """A sentence below the chart."""


@dataclass(frozen=True)
class Thread:
    """A trial in the parallel coordinates."""

    number: int
    """The number of the trial."""
    at: Sequence[float | None]
    """Its value on each axis, or None."""
    place: float
    """Its rank: 0 is the worst trial, 1 the best."""


def points_html(chart: Points) -> Markup:
    """The figure, with a switch for a logarithmic axis if all results are above 0."""
    shown = [dot for dot in chart.dots if dot.value is not None][-MOST_POINTS:]
    lost = [dot for dot in chart.dots if dot.value is None][-MOST_POINTS:]
    values = [dot.value for dot in shown if dot.value is not None]
    digits = figures_for(values, 6)

    def place(x: float, y: float) -> list[float | int]:
        return [chart.x.rounded(x), rounded(y, digits)]

    spec = {
        "kind": "points",
        "x": chart.x.json(),
        "y": visible(chart.y_label),
        "groups": [visible(name) for name in chart.groups],
        "points": [[*place(dot.x, dot.value or 0.0), dot.group, dot.number] for dot in shown],
        "lost": [[chart.x.rounded(dot.x), dot.group, dot.number] for dot in lost],
        "line": [place(x, y) for x, y in chart.line],
        "best": next((i for i, dot in enumerate(shown) if dot.number == chart.best), None),
        "log": chart.log,
        "bare": chart.bare,
    }
    switch = bool(values) and min(values) > 0
    return fragment(
        "chart.html", title=chart.title, note=chart.note, spec=spec, switch=switch, log=chart.log and switch
    )


def parallel_html(
    title: str, axes: Sequence[Axis], threads: Sequence[Thread], best: int | None, note: str = ""
) -> Markup:
    """The figure, the best trials drawn last. threads: worst first."""
    shown = threads[-MOST_THREADS:]
    lines = [
        {
            "number": t.number,
            "at": [None if v is None else axis.rounded(v) for v, axis in zip(t.at, axes, strict=True)],
            "place": rounded(t.place, 3),
        }
        for t in shown
    ]
    index = next((i for i, t in enumerate(shown) if t.number == best), None)
    spec = {"kind": "parallel", "axes": [axis.json() for axis in axes], "lines": lines, "best": index}
    return fragment("chart.html", title=title, note=note, spec=spec, switch=False, log=False)
