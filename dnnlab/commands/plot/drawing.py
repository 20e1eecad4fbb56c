"""Draws the pictures of `dnnlab plot`: 800 x 500 pixels, axes with units, colour-blind safe colours."""

from __future__ import annotations

from typing import Any

from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from ..compare.curves import Curves, legible
from .drawing_runs import draw_charts, draw_matrix, wrapped
from .picture import Chart, Charts, Grid, Histograms, Line, Picture

LONGEST_TITLE = 80
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


def draw_picture(picture: Picture) -> Curves:
    """The figure of a picture; nothing is written."""
    figure = Curves(figsize=(8, 5), dpi=100, layout="constrained")
    figure.suptitle(legible(picture.title, LONGEST_TITLE), fontsize=12, x=0.02, ha="left", fontweight="bold")
    if isinstance(picture, Chart):
        _chart(figure, picture)
    elif isinstance(picture, Grid):
        _grid(figure, picture)
    elif isinstance(picture, Histograms):
        _histograms(figure, picture)
    elif isinstance(picture, Charts):
        draw_charts(figure, picture)
    else:
        draw_matrix(figure, picture)
    return figure


def _chart(figure: Curves, picture: Chart) -> None:
    axes = figure.add_subplot()
    _note(axes, picture.note)
    axes.set_xlabel(legible(picture.x_label))
    axes.set_ylabel(legible(picture.y_label))
    _tidy(axes)
    axes.margins(x=0.01)
    drawn = _lines(axes, picture.lines, 0)
    if picture.right:  # the axes' words have their lines' colours: a legend would lie on the lines
        other = axes.twinx()
        axes.set_ylabel(legible(picture.y_label), color=COLOURS[0])
        other.set_ylabel(legible(f"{picture.right_label} (dashed)"), color=COLOURS[1])
        other.spines[["top"]].set_visible(False)
        other.margins(x=0.01)
        _lines(other, picture.right, 1)
    elif all(min(line.y) < 0 < max(line.y) for line in picture.lines[:1]):
        axes.axhline(0, color="0.6", linewidth=0.8)
        axes.axvline(0, color="0.6", linewidth=0.8)
    if len(drawn) > 1:
        axes.legend(handles=drawn, loc="best", framealpha=0.85, edgecolor="none", fontsize=10)


def _lines(axes: Any, lines: Any, first: int) -> list[Any]:
    drawn, colour = [], first - 1
    for line in lines:
        colour += not line.dashed or bool(first)
        style = {"linestyle": "--", "linewidth": 1.6} if line.dashed else {"linestyle": "-", "linewidth": 2.2}
        drawn += _one(axes, line, COLOURS[colour % len(COLOURS)], style)
    return drawn


def _one(axes: Any, line: Line, colour: str, style: dict[str, Any]) -> list[Any]:
    return list(axes.plot(line.x, line.y, color=colour, label=legible(line.label), **style))


def _grid(figure: Curves, picture: Grid) -> None:
    columns = max(len(images) for _, images in picture.rows)
    for r, (label, images) in enumerate(picture.rows):
        for c, image in enumerate(images):
            axes = figure.add_subplot(len(picture.rows), columns, r * columns + c + 1)
            axes.imshow(image, cmap="gray", vmin=0.0, vmax=1.0, interpolation="nearest")
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_visible(columns > 1)
            if c == 0 and label:
                axes.set_ylabel(legible(label), fontsize=10)
    figure.supxlabel(wrapped(picture.note, 110), fontsize=9, color="0.3")


def _histograms(figure: Curves, picture: Histograms) -> None:
    count = len(picture.panels)
    columns = min(count, 3)
    size = 9 if count > 1 else 10
    for i, panel in enumerate(picture.panels):
        axes = figure.add_subplot(-(-count // columns), columns, i + 1)
        widths = [b - a for a, b in zip(panel.edges, panel.edges[1:], strict=False)]
        axes.bar(panel.edges[:-1], panel.heights, width=widths, align="edge", color=COLOURS[0], linewidth=0)
        for place, word in panel.marks:
            axes.axvline(place, color=COLOURS[1], linewidth=1.2, linestyle="--")
            above = axes.get_xaxis_transform()
            axes.text(
                place, 1.01, word, color=COLOURS[1], fontsize=8, va="bottom", ha="center", transform=above
            )
        axes.set_title(
            "\n".join(legible(line, 60) for line in panel.title.split("\n")),
            fontsize=size,
            loc="left",
            pad=14,
        )
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.tick_params(labelsize=8)
        if i % columns == 0:
            axes.set_ylabel("weights in a bin", fontsize=9)
        _tidy(axes)
    figure.supxlabel(legible(f"{picture.x_label} ({picture.note})", 110), fontsize=9, color="0.3")


def _note(axes: Any, text: str) -> None:
    axes.set_title(legible(text, 110), fontsize=9, color="0.35", loc="left")


def _tidy(axes: Any) -> None:
    axes.grid(True, color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
