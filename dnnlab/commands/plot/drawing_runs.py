"""Draws the pictures of runs: curves, and confusion matrices."""

from __future__ import annotations

import math
import textwrap
from typing import Any

from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from ...report.charts import Chart, Series
from ..compare.curves import legible
from .picture import Charts, Matrix

MAIN, QUIET = "#0f5fbe", "#8b929a"
OWN = ("#c25414", "#12805c", "#a8457f", "#9a7400", "#5b6b7a", "#6a4fb0")
STOPS = ((106, 61, 154), (18, 133, 139), (194, 122, 0))  # shades from the first layer to the last
MOST_NAMED = 12
MOST_WRITTEN = 25  # classes whose counts are written into the cells


def draw_charts(figure: Any, picture: Charts) -> None:
    """Each chart on axes of its own, two side by side."""
    count = len(picture.charts)
    columns = 1 if count == 1 else 2
    rows = math.ceil(count / columns)
    figure.set_size_inches(8 if columns == 1 else 11, 5 if rows == 1 else 3.6 * rows + 0.6)
    for i, chart in enumerate(picture.charts):
        axes = figure.add_subplot(rows, columns, i + 1)
        if count > 1:
            axes.set_title(legible(chart.title), fontsize=10, loc="left", pad=14 if chart.marks else 6)
        _axes(axes, chart)
        drawn = [_curve(axes, series, i, chart) for i, series in enumerate(chart.series)]
        _lines(axes, chart)
        _legend(axes, drawn)
    figure.supxlabel(legible(picture.note, 110), fontsize=8, color="0.45")


def _axes(axes: Any, chart: Chart) -> None:
    axes.set_xlabel(legible(chart.x_label), fontsize=9)
    axes.set_ylabel(legible(chart.y_label), fontsize=9)
    if chart.begins_log():
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        wide = max(positive := [v for v in chart.values() if v > 0]) > 30 * min(positive)
        axes.yaxis.set_minor_formatter(FuncFormatter(lambda y, _: "" if wide else f"{y:g}"))
        axes.tick_params(which="minor", labelsize=8)
    elif chart.percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=" %"))
    if chart.x_label == "epoch":
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(True, color="0.92", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(x=0.01)
    axes.tick_params(labelsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def _curve(axes: Any, series: Series, place: int, chart: Chart) -> Any:
    y = [math.nan if v is None or (v <= 0 and chart.begins_log()) else v for v in series.y]
    thin = len(chart.series) > MOST_NAMED
    style = {"linestyle": (0, (4, 2)) if series.dashed else "-", "linewidth": 1.0 if thin else 1.9}
    style |= {"marker": "o", "markersize": 4} if sum(not math.isnan(v) for v in y) == 1 else {}
    return axes.plot(series.x, y, color=_colour(series, place), label=legible(series.label), **style)[0]


def _colour(series: Series, place: int) -> Any:
    if series.look:
        return MAIN if series.look == "main" else QUIET
    return OWN[place % len(OWN)] if series.place is None else _shade(series.place)


def _shade(place: float) -> tuple[float, float, float]:
    first, second, share = (*STOPS[:2], place * 2) if place < 0.5 else (*STOPS[1:], place * 2 - 1)
    red, green, blue = ((a + (b - a) * share) / 255 for a, b in zip(first, second, strict=True))
    return red, green, blue


def _lines(axes: Any, chart: Chart) -> None:
    if chart.zero and not chart.begins_log():
        axes.set_ylim(bottom=0)
    dotted: dict[str, Any] = {"linewidth": 0.9, "linestyle": (0, (2, 2))}
    small: dict[str, Any] = {"va": "bottom", "fontsize": 8}
    across, upward = axes.get_yaxis_transform(), axes.get_xaxis_transform()
    for y, words in chart.levels:
        axes.axhline(y, color="0.25", **dotted)
        axes.text(0.995, y, words, transform=across, ha="right", color="0.25", **small)
    for x, words in chart.marks:
        axes.axvline(x, color="0.5", **dotted)
        axes.text(x, 1.01, words, transform=upward, ha="center", color="0.35", **small)


def _legend(axes: Any, drawn: list[Any]) -> None:
    if len(drawn) < 2:
        return
    shown = drawn if len(drawn) <= MOST_NAMED else [drawn[0], drawn[len(drawn) // 2], drawn[-1]]
    if len(drawn) > 5:
        axes.legend(handles=shown, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
    else:
        axes.legend(handles=shown, loc="best", framealpha=0.85, edgecolor="none", fontsize=8)


def draw_matrix(figure: Any, picture: Matrix) -> None:
    """Rows true, columns predicted, shaded by the share of the true class."""
    count = len(picture.names)
    side = min(max(4.5, 0.42 * count + 2), 12)
    figure.set_size_inches(side + 0.6, side + 0.6)
    axes = figure.add_subplot()
    shares = [[n / (sum(row) or 1) for n in row] for row in picture.counts]
    axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    names = [legible(name, 16) for name in picture.names]
    axes.set_xticks(range(count), names, rotation=90 if max(len(n) for n in names) > 3 else 0, fontsize=8)
    axes.set_yticks(range(count), names, fontsize=8)
    axes.set_xlabel("predicted", fontsize=9)
    axes.set_ylabel("true", fontsize=9)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if count <= MOST_WRITTEN:
        for i, row in enumerate(picture.counts):
            for j, n in enumerate(row):
                shown = {
                    "color": "white" if shares[i][j] > 0.55 else "0.2" if n else "0.75",
                    "fontsize": 8 if count < 15 else 6,
                }
                axes.text(j, i, f"{n}" if n else "·", ha="center", va="center", **shown)
    figure.supxlabel(wrapped(picture.note, 14 * int(side)), fontsize=8, color="0.4")


def wrapped(text: str, columns: int) -> str:
    """A text in lines of so many characters, as matplotlib shows it unchanged."""
    return "\n".join(legible(line, columns) for line in textwrap.wrap(text, columns)[:3])
