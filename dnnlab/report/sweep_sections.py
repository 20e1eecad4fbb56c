"""The sections of a sweep's page, from numbers and texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .shell import Section, fragment
from .sweep_charts import Axis, Points, Thread, parallel_html, points_html

ALSO = ("sweep.css", "points.js", "parallel.js")
"""What a sweep's page needs beside the shell."""


@dataclass(frozen=True)
class Warned:
    """A best value on an edge. yaml: the range to try next, command: the sweep that tries it; "" where there is none."""

    title: str
    words: str
    yaml: str = ""
    command: str = ""


@dataclass(frozen=True)
class Step:
    """A stage. changes: (key, range before, range after) of what it narrowed."""

    title: str
    words: str
    changes: Sequence[tuple[str, str, str]] = ()


@dataclass(frozen=True)
class Lost:
    """Trials that ended alike without a result. trials: their numbers."""

    status: str
    count: int
    reason: str
    trials: str


def ranking(titles: Sequence[str], rows: Sequence[Sequence[str]], shown: int, note: str = "") -> Section:
    """The table, best first; what comes after the first `shown` rows is folded."""
    body = (
        fragment("sweep_ranking.html", titles=titles, rows=rows[:shown], more=rows[shown:], note=note)
        if rows
        else Markup("")
    )
    return Section("ranking", "Ranking", body)


def best(yaml: str, place: str, commands: Sequence[str]) -> Section:
    """The best config as YAML, where it lies, and what to type next."""
    body = fragment("sweep_best.html", yaml=yaml, place=place, commands=commands) if yaml else Markup("")
    return Section("best", "Best config", body)


def borders(found: Sequence[Warned]) -> Section:
    """Best values on an edge of their range; nothing where there are none."""
    body = fragment("sweep_borders.html", borders=found) if found else Markup("")
    lead = (
        "The best value lies within 5 % of an end of its range: a better one may lie beyond." if found else ""
    )
    return Section("borders", "Borders", body, lead)


def importance(shares: Mapping[str, float], note: str) -> Section:
    """Bars: how much of the spread each searched value explains."""
    return Section("importance", "Importance", fragment("sweep_importance.html", shares=shares, note=note))


def values(charts: Sequence[Points], left_out: int = 0) -> Section:
    """Each searched value against what came out. left_out: how many are not drawn."""
    body = Markup("")
    if charts:
        body = fragment(
            "charts.html", charts=[points_html(chart) for chart in charts], narrow=len(charts) > 2
        )
    lead = (
        "One point a trial, coloured by its stage; a cross has no result."
        if len(charts) and len(charts[0].groups) > 1
        else ""
    )
    return Section(
        "values",
        "Searched values",
        body,
        f"{lead} {left_out} more are not drawn.".strip() if left_out > 0 else lead,
    )


def sweep_file(text: str) -> Section:
    """The sweep as its YAML says it."""
    return Section(
        "sweep", "The sweep", fragment("config.html", text=text, overrides=[]) if text else Markup("")
    )


def together(axes: Sequence[Axis], threads: Sequence[Thread], number: int | None) -> Section:
    """All searched values side by side."""
    if len(axes) < 3 or len(threads) < 2:  # with one value the chart above says it all
        return Section("together", "All values together", Markup(""))
    note = (
        "One line a trial, from violet (the worst) to orange (the best); the heavy one is the best. "
        "What a trial lacks lies below the axis."
    )
    chart = parallel_html("Parallel coordinates", axes, threads, number, note)
    return Section("together", "All values together", fragment("charts.html", charts=[chart], narrow=False))


def history(chart: Points) -> Section:
    """What came out, trial after trial, with the best so far."""
    body = fragment("charts.html", charts=[points_html(chart)], narrow=False) if chart.dots else Markup("")
    return Section("history", "History", body)


def stages(found: Sequence[Step]) -> Section:
    """What each stage did, and what it narrowed and why; nothing for a sweep of one."""
    body = fragment("sweep_stages.html", stages=found) if len(found) > 1 else Markup("")
    return Section("stages", "Stages", body)


def lost(found: Sequence[Lost], note: str = "") -> Section:
    """Trials without a result, counted by how they ended."""
    body = fragment("sweep_lost.html", lost=found, note=note) if found or note else Markup("")
    return Section("lost", "Pruned, failed, retried", body)
