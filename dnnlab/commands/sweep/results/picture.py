"""The picture of a sweep: history, importance, each searched value against the results.

Needs matplotlib.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from ....report.charts import figures_for
from ....report.sweep_charts import Axis, Points, Thread
from ...compare.curves import COLOURS, Curves, legible
from .axes import history_chart, threads, value_charts
from .cases import case_curves
from .findings import Findings
from .text import counts_words

COLUMNS = 3
MOST = 12  # small charts
SIZE = (3.6, 2.5)  # inches of one
QUIET, LOST = "0.4", "#b3261e"
SHADES = LinearSegmentedColormap.from_list("shades", ["#6a3d9a", "#12858b", "#c27a00"])


def sweep_picture(found: Findings) -> Curves:
    """All drawings on one sheet; of named variants their curves.

    Raises `UsageError` if there is nothing to draw.
    """
    if found.cases:
        return case_curves(found)
    values = value_charts(found)[:MOST]
    axes, lines = threads(found)
    rows = 1 + -(-len(values) // COLUMNS)
    wide = len(axes) > 2 and len(lines) > 1
    heights = [1.0] * rows + ([1.25] if wide else [])
    figure = Curves(figsize=(SIZE[0] * COLUMNS, SIZE[1] * sum(heights) + 0.3), dpi=150, layout="constrained")
    grid = figure.add_gridspec(len(heights), COLUMNS, height_ratios=heights)
    draw_points(figure.add_subplot(grid[0, : COLUMNS - 1]), history_chart(found), legend=True)
    draw_importance(figure.add_subplot(grid[0, COLUMNS - 1]), found)
    for place, chart in enumerate(values):
        draw_points(figure.add_subplot(grid[1 + place // COLUMNS, place % COLUMNS]), chart)
    if wide:
        draw_threads(figure.add_subplot(grid[-1, :]), axes, lines)
    figure.suptitle(
        legible(f"{found.view.name}  ·  {counts_words(found)}", 120),
        fontsize=10,
        color=QUIET,
        x=0.01,
        ha="left",
    )
    return figure


def draw_points(axes: Any, chart: Points, legend: bool = False) -> None:
    """Trials over one axis, coloured by their stage; those without a result as crosses at the bottom."""
    x = chart.x
    for group, name in enumerate(chart.groups):
        dots = [dot for dot in chart.dots if dot.value is not None and dot.group == group]
        places = [_beside(dot.x, dot.number, x) for dot in dots]
        colour = COLOURS[group % len(COLOURS)]
        label = legible(name) if len(chart.groups) > 1 else None
        axes.plot(
            places,
            [dot.value for dot in dots],
            "o",
            markersize=4,
            alpha=0.75,
            color=colour,
            markeredgewidth=0,
            label=label,
        )
    best = next((dot for dot in chart.dots if dot.number == chart.best), None)
    if best is not None:
        axes.plot(
            [_beside(best.x, best.number, x)],
            [best.value],
            "o",
            markersize=9,
            fillstyle="none",
            color="0.1",
            label="best",
        )
    if chart.line:
        ends = [*chart.line, (x.high, chart.line[-1][1])]
        axes.step(*zip(*ends, strict=True), where="post", color="0.1", linewidth=1.2, label="best so far")
    if chart.log:
        axes.set_yscale("log")
    scale(axes, x)
    lost = [_beside(dot.x, dot.number, x) for dot in chart.dots if dot.value is None]
    if lost:
        axes.plot(
            lost,
            [0.02] * len(lost),
            "x",
            markersize=4,
            color=LOST,
            transform=axes.get_xaxis_transform(),
            label="no result",
        )
    finish(axes, x.label, chart.y_label)
    if legend and len(axes.get_legend_handles_labels()[1]) > 1:
        axes.legend(fontsize=7, frameon=True, framealpha=0.85, edgecolor="none", loc="best")


def draw_importance(axes: Any, found: Findings) -> None:
    """Bars, the largest on top; the reason if there are none."""
    if not found.importance:
        axes.axis("off")
        axes.text(
            0.0,
            0.5,
            _lines(f"importance: {legible(found.judged, 200)}"),
            fontsize=8,
            color=QUIET,
            va="center",
        )
        return
    names = list(found.importance)[::-1]
    axes.barh(range(len(names)), [found.importance[name] for name in names], color=COLOURS[0], height=0.3)
    for place, name in enumerate(
        names
    ):  # above its bar: beside it, long names would take the room of the drawing
        axes.text(0.0, place + 0.2, legible(short(name), 30), fontsize=7, va="bottom")
    axes.set_yticks([])
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.4, len(names) - 0.3)
    finish(axes, "importance (share of the spread)", "")


def draw_threads(axes: Any, scales: Sequence[Axis], lines: Sequence[Thread]) -> None:
    """Parallel coordinates: a line a trial, the best on top."""
    segments, colours = [], []
    for line in lines:
        points = [(k, -0.12 if v is None else share(scales[k], v)) for k, v in enumerate(line.at)]
        segments.append(points)
        colours.append((*SHADES(line.place)[:3], 0.15 + 0.65 * line.place**2))
    axes.add_collection(LineCollection(segments, colors=colours, linewidths=1.0))
    axes.plot(*zip(*segments[-1], strict=True), color="0.1", linewidth=1.8)
    axes.set_xlim(-0.25, len(scales) - 0.75)
    axes.set_ylim(-0.2, 1.1)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.set_xticks(range(len(scales)), [legible(short(scale.label), 20) for scale in scales], fontsize=8)
    axes.tick_params(length=0)
    for k, scale_ in enumerate(scales):
        axes.plot([k, k], [0, 1], color="0.5", linewidth=0.8)
        for value, words in ticks(scale_):
            place = share(scale_, value)
            axes.plot([k - 0.012, k], [place, place], color="0.5", linewidth=0.8)
            axes.annotate(
                legible(words, 12),
                (k, place),
                xytext=(-4, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                fontsize=6.5,
                color="0.2",
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
            )


def share(axis: Axis, value: float) -> float:
    """Where a value lies between the ends of its axis."""
    low, high = np.log10([axis.low, axis.high]) if axis.kind == "log" else (axis.low, axis.high)
    place = np.log10(value) if axis.kind == "log" else value
    return float((place - low) / (high - low)) if high > low else 0.5


def ticks(axis: Axis) -> list[tuple[float, str]]:
    """A few values with their words."""
    if axis.kind == "words":
        every = max(1, -(-len(axis.words) // 10))
        return [(float(i), word) for i, word in enumerate(axis.words) if i % every == 0]
    digits = figures_for((axis.low, axis.high)) - 1
    places = (np.geomspace if axis.kind == "log" else np.linspace)(axis.low, axis.high, 5)
    return [(float(v), f"{v:.{digits}g}") for v in places]


def scale(axes: Any, x: Axis) -> None:
    """The horizontal axis over the whole range."""
    if x.kind == "log":
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(
            LogLocator(subs=(1.0,) if x.high > 300 * x.low else (1.0, 2.0, 5.0), numticks=8)
        )
        axes.xaxis.set_major_formatter(
            FuncFormatter(lambda value, place: f"{value:.{figures_for((x.low, x.high)) - 1}g}")
        )
        axes.xaxis.set_minor_formatter(NullFormatter())
        air = (x.high / x.low) ** 0.03
        axes.set_xlim(x.low / air, x.high * air)
        return
    air = (x.high - x.low) * (0.0 if x.kind == "words" else 0.03)
    axes.set_xlim(x.low - air, x.high + air)
    if x.kind == "words":
        axes.set_xticks(
            range(len(x.words)), [legible(word, max(6, 36 // len(x.words))) for word in x.words], fontsize=7
        )


def finish(axes: Any, x_label: str, y_label: str) -> None:
    """Labels, a quiet grid, no frame."""
    axes.set_xlabel(legible(x_label, 40), fontsize=8)
    if y_label:
        axes.set_ylabel(legible(y_label, 30), fontsize=8)
    axes.tick_params(labelsize=7)
    axes.grid(True, color="0.92", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def short(address: str) -> str:
    """The last two keys of an address."""
    return ".".join(address.split(".")[-2:])


def _beside(x: float, number: int, axis: Axis) -> float:
    """Choices stand on whole numbers: trials beside each other instead of on top of each other."""
    return x + ((number * 0.618034) % 1 - 0.5) * 0.5 if axis.kind == "words" else x


def _lines(text: str, width: int = 34) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width))
