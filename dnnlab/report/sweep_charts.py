"""Charts of a sweep's page: trials as points, and all searched values side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from .charts import rounded
from .figures import visible
from .shell import fragment

MOST_POINTS = 4000  # of a chart
MOST_THREADS = 600  # lines of the parallel coordinates: the best ones


@dataclass(frozen=True)
class Axis:
    """A searched value, or what came out. kind: linear, log or words (a choice: whole numbers, which index `words`). whole: integers."""

    label: str
    kind: str
    low: float
    high: float
    words: Sequence[str] = ()
    whole: bool = False

    def json(self) -> dict[str, Any]:
        """What the page's script takes."""
        ends = {"low": rounded(self.low, 6), "high": rounded(self.high, 6)}
        return {
            "label": visible(self.label),
            "kind": self.kind,
            **ends,
            "words": [visible(w) for w in self.words],
            "whole": self.whole,
        }


@dataclass(frozen=True)
class Dot:
    """A trial in a chart. value: None where it has no result. group: its stage."""

    number: int
    x: float
    value: float | None
    group: int = 0


@dataclass(frozen=True)
class Points:
    """Trials over an axis. groups: names of the stages. line: steps through (x, value), the best so far. best: the trial to ring.

    bare: one of many, without words for its axis (its title says them) and for its colours.
    """

    title: str
    x: Axis
    y_label: str
    dots: Sequence[Dot]
    groups: Sequence[str]
    line: Sequence[tuple[float, float]] = ()
    best: int | None = None
    log: bool = False
    bare: bool = False
    note: str = ""


@dataclass(frozen=True)
class Thread:
    """A trial in the parallel coordinates. at: its place on each axis, None where it does not have it. place: 0 the worst, 1 the best."""

    number: int
    at: Sequence[float | None]
    place: float


def points_html(chart: Points) -> Markup:
    """The figure; a switch for a logarithmic axis where all results are above 0."""
    shown = [dot for dot in chart.dots if dot.value is not None][-MOST_POINTS:]
    lost = [dot for dot in chart.dots if dot.value is None][-MOST_POINTS:]
    values = [dot.value for dot in shown if dot.value is not None]
    spec = {
        "kind": "points",
        "x": chart.x.json(),
        "y": visible(chart.y_label),
        "groups": [visible(name) for name in chart.groups],
        "points": [[rounded(dot.x, 6), rounded(dot.value or 0.0, 6), dot.group, dot.number] for dot in shown],
        "lost": [[rounded(dot.x, 6), dot.group, dot.number] for dot in lost],
        "line": [[rounded(x, 6), rounded(y, 6)] for x, y in chart.line],
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
            "at": [None if v is None else rounded(v, 6) for v in t.at],
            "place": rounded(t.place, 3),
        }
        for t in shown
    ]
    index = next((i for i, t in enumerate(shown) if t.number == best), None)
    spec = {"kind": "parallel", "axes": [axis.json() for axis in axes], "lines": lines, "best": index}
    return fragment("chart.html", title=title, note=note, spec=spec, switch=False, log=False)
