"""The confusion matrix, if it fits on the screen, and the most frequent mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..terminal.columns import shown
from ..terminal.numbers import counted
from ..terminal.text import clean, columns, cut, labelled

LABEL = 12  # columns of a class's name at most
NARROWEST = 4  # columns of a cell at least, with its gap
WIDEST = 13
MOST = 5  # mistakes that are named


def confusion_lines(result: Mapping[str, Any], width: int) -> list[str]:
    """The matrix and the mistakes."""
    names, mistakes = result["names"], result.get("confusions") or []
    if not mistakes:
        return ["", " no mistakes"]
    lines = matrix_lines(names, result.get("confusion"), width)
    return [*lines, *([] if lines else [""]), *mistake_lines(mistakes, width)]


def matrix_lines(names: Sequence[str], counts: Sequence[Sequence[int]] | None, width: int) -> list[str]:
    """The confusion matrix, rows true and columns predicted; no lines if it does not fit into `width`."""
    if counts is None:
        return []
    texts = [clean(name) for name in names]
    label = min(LABEL, max(columns(name) for name in texts))
    digits = max(len(f"{count}") for row in counts for count in row)
    wanted = max(digits, *(columns(name) for name in texts)) + 1
    room = min(max(wanted, NARROWEST), WIDEST, (width - 1 - label) // len(names))
    if room < max(digits + 1, NARROWEST - 1):
        return []
    head = " " * (1 + label) + "".join(right(cut(name, room - 1), room) for name in texts)
    lines = ["", " true class below, predicted class to the right", head]
    for name, row in zip(texts, counts, strict=True):
        start = cut(name, label)
        cells = "".join(right(f"{count}" if count else ".", room) for count in row)
        lines.append(f" {start}{' ' * (label - columns(start))}{cells}")
    return lines


def mistake_lines(mistakes: Sequence[Mapping[str, Any]], width: int) -> list[str]:
    """` mistakes  8 taken for 1: 3 rows, 9 taken for 4: 2 rows`."""
    named = mistakes[:MOST]
    words = [
        f"{shown(item['true'])} taken for {shown(item['predicted'])}: {counted(item['rows'], 'row')}"
        for item in named
    ]
    return labelled("mistakes", "; ".join(words), indent=10, width=width)


def right(text: str, width: int) -> str:
    """The text at the end of `width` columns."""
    return " " * (width - columns(text)) + text
