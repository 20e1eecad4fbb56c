"""Make the sections of a sweep's page from numbers and texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .shell import Section, fragment
from .sweep_charts import Axis, Points, Thread, parallel_html, points_html

ALSO = ("sweep.css", "points.js", "parallel.js")
"""The style sheets and scripts of a sweep's page, in addition to those of the shell."""


@dataclass(frozen=True)
class Warned:
    """A best value on the edge of its range."""

    title: str
    """The key."""
    words: str
    """The finding in a sentence."""
    yaml: str = ""
    """The range to try next, or ""."""
    command: str = ""
    """The sweep that tries it, or ""."""


@dataclass(frozen=True)
class Step:
    """A stage of a sweep."""

    title: str
    """Its title."""
    words: str
    """Its result in a sentence."""
    changes: Sequence[tuple[str, str, str]] = ()
    """(key, range before, range after) of each range that it narrowed."""


@dataclass(frozen=True)
class Lost:
    """Trials that ended in the same way without a result."""

    status: str
    """Their status."""
    count: int
    """How many there are."""
    reason: str
    """The reason that they share."""
    trials: str
    """Their numbers."""


def ranking(titles: Sequence[str], rows: Sequence[Sequence[str]], shown: int, note: str = "") -> Section:
    """The table, best first; the rows after the first `shown` ones are folded."""
    body = (
        fragment("sweep_ranking.html", titles=titles, rows=rows[:shown], more=rows[shown:], note=note)
        if rows
        else Markup("")
    )
    return Section("ranking", "Ranking", body)


def best(yaml: str, place: str, commands: Sequence[str]) -> Section:
    """The best config as YAML, its path, and the commands to type next."""
    body = fragment("sweep_best.html", yaml=yaml, place=place, commands=commands) if yaml else Markup("")
    return Section("best", "Best config", body)


def borders(found: Sequence[Warned]) -> Section:
    """Best values on an edge of their range; empty if there are none."""
    body = fragment("sweep_borders.html", borders=found) if found else Markup("")
    lead = (
        "The best value lies within 5 % of an end of its range: a better one may lie beyond." if found else ""
    )
    return Section("borders", "Borders", body, lead)


def importance(shares: Mapping[str, float], note: str) -> Section:
    """Bars: the share of the variance of the results that each searched value explains."""
    return Section("importance", "Importance", fragment("sweep_importance.html", shares=shares, note=note))


def values(charts: Sequence[Points], left_out: int = 0) -> Section:
    """The results over each searched value. left_out: how many values are not drawn."""
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
    """The YAML of the sweep."""
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
    """The result of each trial in order, with the best so far."""
    body = fragment("charts.html", charts=[points_html(chart)], narrow=False) if chart.dots else Markup("")
    return Section("history", "History", body)


def stages(found: Sequence[Step]) -> Section:
    """What each stage found and narrowed; empty for a sweep with one stage."""
    body = fragment("sweep_stages.html", stages=found) if len(found) > 1 else Markup("")
    return Section("stages", "Stages", body)


def lost(found: Sequence[Lost], note: str = "") -> Section:
    """Trials without a result, counted by how they ended."""
    body = fragment("sweep_lost.html", lost=found, note=note) if found or note else Markup("")
    return Section("lost", "Pruned, failed, retried", body)
