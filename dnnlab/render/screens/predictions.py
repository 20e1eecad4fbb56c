"""The screen of `predict`: the predictions themselves, or a summary if a file holds them."""

from __future__ import annotations

from pathlib import Path

from ...commands.inference.predictions import Predictions
from ..terminal.columns import Column, grid_lines
from ..terminal.numbers import counted, fitted
from ..terminal.streams import Stream
from ..terminal.text import INDENT, clean, labelled

MOST = 12  # classes that are counted one by one


def show_text(stream: Stream, text: str) -> None:
    """Write CSV or JSON: unchanged into a file or a pipe, with escapes on a terminal."""
    stream.lines([clean(line) for line in text.splitlines()]) if stream.terminal else stream.write(text)


def source_lines(found: Predictions, width: int) -> list[str]:
    """` 10 rows, best weights (epoch 12) of 20261122-...-7f3a1c`."""
    weights = f"{found.weights} weights (epoch {found.epoch})"
    words = f"{counted(len(found), 'row')}, {weights} of {clean(Path(found.run).name)}"
    return labelled("", words, indent=1, width=width)


def summary_lines(found: Predictions, out: Path, width: int) -> list[str]:
    """A summary of the predictions, and the file that holds them."""
    lines = source_lines(found, width)
    counts = found.counts()
    if counts:
        shown = counts[:MOST]
        lines += grid_lines(
            [
                Column("", tuple(name for name, _ in shown)),
                Column("rows", tuple(f"{n:,}" for _, n in shown), right=True),
            ]
        )
        if len(counts) > MOST:
            more = sum(n for _, n in counts[MOST:])
            lines += labelled(
                "", f"{counted(len(counts) - MOST, 'other')}: {counted(more, 'row')}", indent=1, width=width
            )
    elif found.task == "numbers":
        table = [Column("", found.names)]
        values = found.values
        for title, numbers in {
            "mean": values.mean(axis=0),
            "lowest": values.min(axis=0),
            "highest": values.max(axis=0),
        }.items():
            table.append(Column(title, tuple(fitted(float(value)) for value in numbers), right=True))
        lines += grid_lines(table)
    return [*lines, *labelled("saved", str(out), indent=INDENT, width=width, whole=True)]
