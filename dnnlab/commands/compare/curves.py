"""Curves over epochs: of one run, or of groups of runs with a band over their seeds.

Needs matplotlib, which only this file imports.
"""

from __future__ import annotations

import io
import statistics
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...errors import Problem, StorageError, UsageError
from ...registry import close_key
from ...rundir.json_values import number
from ...rundir.run_record import Row
from ...rundir.summary import Summary

if TYPE_CHECKING:
    from .compare import Comparison

NOTE = "mean over seeds; band: lowest to highest; dashed: not all seeds got that far"
MOST_NAMED = 12  # curves in colours and in the legend: as many as there are colours
_LONGEST = 48  # characters of a label
# Seven colours that colour-blind eyes tell apart (Okabe and Ito 2008, yellow left out) and five more for
# crowds.
COLOURS = [
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#000000",
    "#7f3c8d",
    "#a5aa99",
    "#8c564b",
    "#80ba5a",
    "#4b4b8f",
]
_REST = "0.8"  # grey: the lines that the legend does not name
Points = Mapping[int, float]


class Curves(Figure):
    """A figure that a notebook shows by itself, without pyplot's global state."""

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        _save(self, picture, "png")
        return picture.getvalue()


@dataclass(frozen=True)
class Series:
    """One line of the picture."""

    label: str
    """Its name in the legend."""
    runs: tuple[Points, ...]
    """The runs (epoch -> value) whose mean it shows."""
    best: int | None = None
    """An epoch to mark, or None."""

    def mean(self) -> dict[int, float]:
        """Mean at each epoch over the runs that have a value there."""
        return {epoch: statistics.fmean(values) for epoch, values in self._gathered().items()}

    def band(self) -> dict[int, tuple[float, float]]:
        """Lowest and highest value at each epoch that two or more runs have."""
        return {
            epoch: (min(values), max(values)) for epoch, values in self._gathered().items() if len(values) > 1
        }

    def common_end(self) -> int:
        """The last epoch that all runs reached; beyond it the mean is one of fewer runs."""
        return min(max(points) for points in self.runs)

    def _gathered(self) -> dict[int, list[float]]:
        epochs = sorted({epoch for points in self.runs for epoch in points})
        return {epoch: [points[epoch] for points in self.runs if epoch in points] for epoch in epochs}


def points(history: Sequence[Row], key: str) -> dict[int, float]:
    """Finite values of a metric: epoch -> value."""
    found = ((row.get("epoch"), number(row.get(key))) for row in history)
    return {epoch: value for epoch, value in found if isinstance(epoch, int) and value is not None}


def comparison_curves(comparison: Comparison, metric: str | None = None) -> Curves:
    """A line for each group: the mean of its runs, with a band from the lowest to the highest run.

    The line is dashed in epochs that not all runs reached. Raises `UsageError`.
    """
    whole = [run for group in comparison.groups for run in group.samples]
    key = checked_key(metric or comparison.metric, whole)
    series = []
    for group in comparison.groups:
        runs = tuple(found for run in group.samples if (found := points(run.history, key)))
        several = (
            f" (n = {len(runs)})"
            if len(runs) > 1
            else ""
            if group.first.finished
            else f" ({group.first.status})"
        )
        series += [Series(legible(comparison.label(group)) + several, runs)] if runs else []
    seeds = any(len(item.runs) > 1 for item in series)
    return draw(series, key, ", ".join(comparison.differs), NOTE if seeds else "")


def run_curves(run: Summary, metric: str | None = None) -> Curves:
    """Training and validation of one run, by default of the monitor; the monitor's best epoch is marked.

    Raises `UsageError`.
    """
    key = checked_key(metric or run.monitor, [run])
    base = key.removeprefix("val_").removeprefix("train_")
    keys = (
        [word for word in (f"train_{base}", f"val_{base}") if points(run.history, word)]
        if key != base
        else [key]
    )
    keys = keys if key in keys else [*keys, key]
    epoch = run.best.get("epoch")
    series = [
        Series(legible(word), (points(run.history, word),), epoch if word == run.monitor else None)
        for word in keys
    ]
    return draw(series, base, "", run.path.name)


def checked_key(key: str | None, runs: Sequence[Summary]) -> str:
    """A metric that some run measured. Raises `UsageError`."""
    known = dict.fromkeys(
        name for run in runs for row in run.history for name in row if name not in ("epoch", "nonfinite")
    )
    if key is None or not any(points(run.history, key) for run in runs):
        close = close_key(key, list(known)) if key else None
        what = (
            f"there is nothing to draw: no run has measured {key}"
            if key
            else "there is nothing to draw: these runs have no metric in common"
        )
        fix = f"did you mean {close}?" if close else ""
        raise UsageError(
            Problem(
                what,
                f"expected one of {', '.join(known)}" if known else "expected a run with epochs",
                fix,
                code="nothing_to_draw",
            )
        )
    return key


def draw(series: Sequence[Series], key: str, title: str, note: str) -> Curves:
    """The picture. title: what the legend's words are values of."""
    figure = Curves(figsize=(8, 4.5), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    for item in series[MOST_NAMED:]:
        axes.plot(list(item.mean()), list(item.mean().values()), color=_REST, linewidth=0.8)
    for item, colour in zip(series, COLOURS, strict=False):
        _line(axes, item, colour)
    axes.set_xlabel("epoch")
    axes.set_ylabel(legible(key))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if wide_range(key, series):
        axes.set_yscale("log")
    axes.margins(x=0.02)
    axes.grid(True, color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if note:
        axes.set_title(legible(note, 90), fontsize=9, color="0.4", loc="left")
    _legend(axes, series, title)
    return figure


def wide_range(key: str, series: Sequence[Series]) -> bool:
    """Whether a loss spans so much that its end could not be read on a linear axis."""
    values = [value for item in series for value in item.mean().values()]
    return "loss" in key and bool(values) and min(values) > 0 and max(values) / min(values) > 30


def legible(text: str, longest: int = _LONGEST) -> str:
    """A text that matplotlib draws literally: short, without formulas and control characters."""
    text = text if len(text) <= longest else text[: longest - 3] + "..."
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown.replace("$", r"\$").removeprefix("_") or "-"


def save(figure: Figure, file: Path) -> None:
    """Write a picture. Raises `StorageError`."""
    try:
        _save(figure, file, file.suffix[1:].lower())
    except OSError as error:
        problem = f"the picture could not be written: {error.strerror or error}"
        raise StorageError(
            Problem(
                problem, "expected a file in a folder that can be written", file=str(file), code="storage"
            )
        ) from None


def _save(figure: Figure, target: Any, kind: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Glyph .* missing from", category=UserWarning
        )  # a name in a script that the font lacks
        figure.savefig(target, format=kind)


def _line(axes: Any, item: Series, colour: str) -> None:
    mean, band, end = item.mean(), item.band(), item.common_end()
    inside = {epoch: value for epoch, value in mean.items() if epoch <= end}
    beyond = {epoch: value for epoch, value in mean.items() if epoch >= end}
    dot = {"marker": "o", "markersize": 3} if len(inside) == 1 else {}
    axes.plot(list(inside), list(inside.values()), color=colour, linewidth=1.8, label=item.label, **dot)
    if len(beyond) > 1:
        axes.plot(list(beyond), list(beyond.values()), linestyle=(0, (2, 2)), linewidth=1.2, color=colour)
    if band:
        low, high = zip(*band.values(), strict=True)
        axes.fill_between(list(band), low, high, color=colour, alpha=0.15, linewidth=0)
    if item.best in mean:
        axes.plot(
            [item.best], [mean[item.best]], "o", color=colour, markersize=5, label=f"best: epoch {item.best}"
        )


def _legend(axes: Any, series: Sequence[Series], title: str) -> None:
    more = len(series) - MOST_NAMED
    if more > 0:
        axes.plot([], [], color=_REST, linewidth=0.8, label=f"{more} more")
    shown = legible(title, 30) if title else None
    if len(series) > 4:
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(1.0, 1.0),
            frameon=False,
            fontsize=8,
            title=shown,
            title_fontsize=8,
        )
    else:
        axes.legend(
            loc="best",
            frameon=True,
            framealpha=0.85,
            edgecolor="none",
            fontsize=9,
            title=shown,
            title_fontsize=9,
        )
