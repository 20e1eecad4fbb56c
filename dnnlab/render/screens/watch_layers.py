"""The table of weights: how far a step moves each, its layer's gradient, units that are dead or saturated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ...commands.watch.snapshot import Layer, Snapshot
from ..terminal.columns import shown
from ..terminal.numbers import counted, ratio
from ..terminal.sparkline import BLOCKS, PLAIN, sparkline
from ..terminal.streams import Colour, Stream
from ..terminal.text import columns, cut, labelled

HEALTHY = 1e-3  # of a weight's size in a step: Karpathy 2015, CS231n, ratio of weights to updates
NUMBER = 9  # columns of a number with its blanks
CURVE = (4, 24)  # columns of a small curve, fewest and most
NAME = 26  # columns of a weight's name at most
COLUMNS = {
    "update": NUMBER + 2,
    "word": 10,
    "gradient": NUMBER + 2,
    "dead": 14,
    "saturated": 11,
}  # besides the curves
SPARE = ("saturated", "dead", "gradient", "word")  # the first goes first if there is no room


@dataclass(frozen=True)
class Grade:
    """How an update ratio is to be taken: a word, and a colour if the terminal has them."""

    word: str
    colour: Colour


def grade(value: float | None) -> Grade:
    """Healthy within a factor of ten of 1e-3; far off beyond a factor of a hundred."""
    if value is None:
        return Grade("", "quiet")
    if value == 0:
        return Grade("still", "bad")
    off = math.log10(value / HEALTHY)
    if abs(off) <= 1:
        return Grade("ok", "good")
    return Grade(
        ("very " if abs(off) > 2 else "") + ("high" if off > 0 else "low"),
        "bad" if abs(off) > 2 else "warning",
    )


def layer_lines(snapshot: Snapshot, stream: Stream, width: int, room: int | None) -> list[str]:
    """The table in at most `room` lines, and which records there are none of.

    Rows that are left out are summed up in the last line.
    """
    below = missing_lines(snapshot, width)
    if not snapshot.layers:
        return below[:room]
    table = Table(snapshot.layers, stream, width)
    if room is None:
        return [table.titles(), *map(table.row, snapshot.layers), *below]
    space = room - 1 - len(below)
    if space >= len(snapshot.layers):
        return [table.titles(), *map(table.row, snapshot.layers), *below]
    if space < 2:
        return [table.titles(), *map(table.row, snapshot.layers)][:room]
    kept = chosen(snapshot.layers, space - 1)
    rest = [layer for layer in snapshot.layers if layer not in kept]
    return [
        table.titles(),
        *map(table.row, kept),
        stream.paint(cut(rest_words(rest), width), "quiet"),
        *below,
    ]


def missing_lines(snapshot: Snapshot, width: int) -> list[str]:
    """The records that are turned off, with the key that turns each on, and records without any row."""
    lines = []
    if snapshot.off:
        listed = ", ".join(f"{words} ({key})" for words, key in snapshot.off.items())
        lines += labelled("", f"turned off: {listed}", indent=1, width=width)
    if snapshot.late and snapshot.over:
        listed = ", ".join(f"{words} ({every})" for words, every in snapshot.late.items())
        lines += labelled(
            "", f"not one row in {counted(snapshot.progress.step, 'step')}: {listed}", indent=1, width=width
        )
    elif snapshot.late:
        lines += labelled("", f"no row yet: {', '.join(snapshot.late)}", indent=1, width=width)
    return lines


def chosen(layers: Sequence[Layer], count: int) -> list[Layer]:
    """The rows to show, in their order: the first and the last weight, then those furthest from healthy."""
    weights = [layer for layer in layers if layer.ratios] or list(layers)
    best = [*weights[:1], *weights[-1:], *sorted(weights, key=_distance, reverse=True), *layers]
    kept = list(dict.fromkeys(layer.name for layer in best))[:count]
    return [layer for layer in layers if layer.name in kept]


def rest_words(rest: Sequence[Layer]) -> str:
    """` and 14 more, which move by 4.1e-04 to 2.0e-03`."""
    moves = [layer.ratios[-1] for layer in rest if layer.ratios]
    there = [move for move in moves if move is not None]
    return f" and {len(rest):,} more" + (
        f", which move by {ratio(min(there))} to {ratio(max(there))}" if there else ""
    )


class Table:
    """Lays the columns out once: those that some layer has something for."""

    def __init__(self, layers: Sequence[Layer], stream: Stream, width: int) -> None:
        self.stream = stream
        self.signs = BLOCKS if stream.can_show(BLOCKS) else PLAIN
        self.has = {
            "update": any(layer.ratios for layer in layers),
            "word": not stream.colour and any(layer.ratios for layer in layers),
            "gradient": any(layer.gradients for layer in layers),
            "dead": any(layer.dead for layer in layers),
            "saturated": any(layer.saturated is not None for layer in layers),
        }
        self.name = min(max(columns(shown(layer.name, NAME)) for layer in layers), NAME)
        while self._room(width) < CURVE[0] and (going := next((key for key in SPARE if self.has[key]), "")):
            self.has[going] = False
        self.curve = max(CURVE[0], min(CURVE[1], self._room(width)))

    def _room(self, width: int) -> int:
        """Columns that are left for each small curve."""
        curves = self.has["update"] + self.has["gradient"]
        return (width - 2 - self.name - sum(size for key, size in COLUMNS.items() if self.has[key])) // max(
            curves, 1
        )

    def titles(self) -> str:
        """What the columns are."""
        words = "weight" if self.has["update"] else "layer"
        line = f" {words:<{self.name}}"
        if self.has["update"]:
            line += "  " + "update".ljust(self.curve + NUMBER) + ("" if not self.has["word"] else " " * 10)
        if self.has["gradient"]:
            line += "  " + "gradient".ljust(self.curve + NUMBER)
        line += f"{'dead units':>{COLUMNS['dead']}}" if self.has["dead"] else ""
        line += f"{'saturated':>{COLUMNS['saturated']}}" if self.has["saturated"] else ""
        return self.stream.paint(line.rstrip(), "quiet")

    def row(self, layer: Layer) -> str:
        """One weight."""
        name = shown(layer.name, self.name)
        line = f" {name}" + " " * (self.name - columns(name))
        if self.has["update"]:
            now = layer.ratios[-1] if layer.ratios else None
            marked = grade(now)
            line += (
                "  " + self._curve(layer.ratios) + self.stream.paint(f"{ratio(now):>{NUMBER}}", marked.colour)
            )
            line += f"  {marked.word:<8}" if self.has["word"] else ""
        if self.has["gradient"]:
            line += (
                "  "
                + self._curve(layer.gradients)
                + f"{ratio(layer.gradients[-1] if layer.gradients else None):>{NUMBER}}"
            )
        if self.has["dead"]:
            line += self._share(
                "-" if layer.dead is None else f"{layer.dead[0]:,} of {layer.dead[1]:,}",
                COLUMNS["dead"],
                _part(layer.dead),
            )
        if self.has["saturated"]:
            line += self._share(
                "-" if layer.saturated is None else f"{layer.saturated:.0%}".replace("%", " %"),
                COLUMNS["saturated"],
                layer.saturated or 0.0,
            )
        return line.rstrip()

    def _curve(self, values: Sequence[float | None]) -> str:
        drawn = sparkline(values, self.curve, self.signs, logarithmic=True)
        return self.stream.paint(drawn, "bar") + " " * (self.curve - len(drawn))

    def _share(self, text: str, width: int, share: float) -> str:
        return " " * (width - len(text)) + (self.stream.paint(text, "bad") if share >= 0.5 else text)


def _part(dead: tuple[int, int] | None) -> float:
    return dead[0] / dead[1] if dead and dead[1] else 0.0


def _distance(layer: Layer) -> float:
    now = layer.ratios[-1] if layer.ratios else None
    return -1.0 if now is None else math.inf if now == 0 else abs(math.log10(now / HEALTHY))
