"""The cells of one column: numbers, text, or nothing."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..raw import Array

EMPTY = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "?", "-", "."})
"""Cells that mean a missing number, in any case; among texts only "" does, since "None" may be a value."""
NO_ANSWER = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null"})
"""Cells that mean a missing text of a target; "None" may be an answer."""
# a text column with more different values than this, most of them once, is rather a name than a category
_MANY_TEXTS = 20


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column read as numbers."""

    values: Array
    """(rows,) float64, NaN for a cell that is empty or holds text."""
    texts: Counter[str]
    """How often each text occurs that is no number."""
    first_text: int = -1
    """The first row with a text, -1 for none."""


class Cells(Sequence[str]):
    """A column of a typed file, which knows its numbers without being text first; see the functions below."""

    typed = False
    """Whether the file itself holds numbers, not texts."""

    @abstractmethod
    def numbers(self) -> Numbers:
        """As `read_numbers` gives them."""

    @abstractmethod
    def holes(self, *, text: bool) -> Array:
        """As `holes` gives them."""

    @abstractmethod
    def coded(self) -> tuple[tuple[str, ...], Array]:
        """As `coded` gives them."""


class ParsedCells(Cells):
    """A column of texts with its own way to numbers; as texts its cells stay as they are."""

    def __init__(self, cells: Sequence[str], parse: Callable[[str], float | None]) -> None:
        self.cells, self.parse = cells, parse

    def __len__(self) -> int:
        return len(self.cells)

    def __getitem__(self, key: Any) -> Any:
        return self.cells[key]

    def numbers(self) -> Numbers:
        """As `read_numbers` gives them."""
        texts, codes = coded(self.cells)
        found = [None if text.lower() in EMPTY else self.parse(text) for text in texts]
        values = np.array([np.nan if number is None else number for number in found])
        wrong = [i for i, text in enumerate(texts) if found[i] is None and text.lower() not in EMPTY]
        counts = np.bincount(codes, minlength=len(texts))
        first = int(np.argmax(np.isin(codes, wrong))) if wrong else -1
        return Numbers(values[codes], Counter({texts[i]: int(counts[i]) for i in wrong}), first)

    def holes(self, *, text: bool) -> Array:
        """As `holes` gives them."""
        return holes(self.cells, text=text)

    def coded(self) -> tuple[tuple[str, ...], Array]:
        """As `coded` gives them."""
        return coded(self.cells)


def read_numbers(cells: Sequence[str]) -> Numbers:
    """Cells as numbers, as `float` reads them, but without underscores."""
    if isinstance(cells, Cells):
        return cells.numbers()
    try:
        if not any("_" in cell for cell in cells):
            return Numbers(np.array([float(cell) for cell in cells]), Counter())
    except ValueError:
        pass  # some cell is empty or holds text: they are read one by one
    values, texts, first = np.full(len(cells), np.nan), Counter[str](), -1
    for row, cell in enumerate(cells):
        if cell.lower() in EMPTY:
            continue
        try:
            values[row] = float("no number" if "_" in cell else cell)
        except ValueError:
            first = row if first < 0 else first
            texts[cell] += 1
    return Numbers(values, texts, first)


def holes(cells: Sequence[str], *, text: bool) -> Array:
    """(rows,) whether each cell is empty. text: the column holds texts, not numbers."""
    if isinstance(cells, Cells):
        return cells.holes(text=text)
    return np.array([not cell if text else cell.lower() in EMPTY for cell in cells], dtype=bool)


def target_holes(cells: Sequence[str], *, keep: bool = False) -> Array:
    """(rows,) whether each cell of a target is missing. keep: NA among texts is the name of a class."""
    if not read_numbers(cells).texts:
        return holes(cells, text=False)
    texts, codes = coded(cells)
    missing = np.array([not text if keep else text.lower() in NO_ANSWER for text in texts], dtype=bool)
    found: Array = missing[codes]
    return found


def coded(cells: Sequence[str]) -> tuple[tuple[str, ...], Array]:
    """The different texts in the order of their first cells, and (rows,) the number of each cell's text."""
    if isinstance(cells, Cells):
        return cells.coded()
    number = {text: i for i, text in enumerate(dict.fromkeys(cells))}
    return tuple(number), np.array([number[cell] for cell in cells], dtype=np.int64)


def in_order(values: Sequence[str]) -> list[str]:
    """The different texts, sorted: by number where all are numbers, else by letter; the empty one last."""
    different = set(values)
    filled = different - {""}
    found = read_numbers(list(filled))
    key = dict(zip(filled, found.values.tolist(), strict=True))
    numeric = not found.texts and not np.isnan(found.values).any()
    return [
        *sorted(filled, key=lambda v: (key[v], v) if numeric else (0.0, v)),
        *([""] if "" in different else []),
    ]


def shown(texts: Sequence[str]) -> str:
    """`NEAR BAY and 4 more`."""
    first = texts[0] if len(texts[0]) <= 30 else texts[0][:27] + "..."
    return first + (f" and {len(texts) - 1:,} more" if len(texts) > 1 else "")


def is_name(cells: Sequence[str]) -> bool:
    """Whether a text column looks like names or numbers of the rows, which no net can learn from."""
    different = len(coded(cells)[0])
    return different > _MANY_TEXTS and 2 * different > len(cells)


def quoted(name: str) -> str:
    """A column's name as an item of a YAML list."""
    return (
        name
        if re.fullmatch(r"[A-Za-z_][\w ]*", name) and name.lower() not in ("none", "null", "true", "false")
        else f'"{name}"'
    )
