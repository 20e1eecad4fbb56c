"""The cells of one column: numbers, text, or nothing; and the problems that they raise."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import Problem
from ..raw import Array

EMPTY = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "?", "-", "."})
"""Cells that mean a missing number, in any case; among texts only "" does, since "None" may be a value."""
FILLS = ("median", "mean", "zero", "drop")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
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

    @abstractmethod
    def numbers(self) -> Numbers:
        """As `read_numbers` gives them."""

    @abstractmethod
    def holes(self, *, text: bool) -> Array:
        """As `holes` gives them."""

    @abstractmethod
    def coded(self) -> tuple[tuple[str, ...], Array]:
        """As `coded` gives them."""


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


def coded(cells: Sequence[str]) -> tuple[tuple[str, ...], Array]:
    """The different texts in the order of their first cells, and (rows,) the number of each cell's text."""
    if isinstance(cells, Cells):
        return cells.coded()
    number = {text: i for i, text in enumerate(dict.fromkeys(cells))}
    return tuple(number), np.array([number[cell] for cell in cells], dtype=np.int64)


def place(lines: Sequence[int], row: int) -> str:
    """Where a row is: `row 5, line 6`, or `row 5` in what has no lines."""
    return f"row {row + 1}" + ("" if isinstance(lines, range) else f", line {lines[row]}")


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


def text_problem(
    column: str, cells: Sequence[str], found: Numbers, lines: Sequence[int], categorical: str
) -> Problem:
    """A number column that holds text. categorical: the line to add for this and all other such columns."""
    texts = list(found.texts)
    filled = len(cells) - int(holes(cells, text=False).sum())
    some = found.texts.total()
    if all(_DECIMAL_COMMA.fullmatch(text) for text in texts):
        text = f'column "{column}" holds decimal commas ({shown(texts)})'
        return Problem(
            text,
            "numbers with a decimal point were expected",
            "write 3.5 for 3,5",
            "path",
            code="decimal_comma",
        )
    if 2 * some < filled:
        where = place(lines, found.first_text)
        first = f'first: "{shown(texts[:1])}", {where}'
        text = f'column "{column}" holds text in {some:,} of {filled:,} cells ({first})'
        fix = f"correct them, or empty them and add `missing: median`, or add `drop: [{quoted(column)}]`"
        return Problem(text, "numbers were expected", fix, "path", code="stray_text")
    text = f'column "{column}" holds text ({shown(texts)})'
    if is_name(cells):
        text, fix = f"{text}, nearly a different one in every row", f"add `drop: [{quoted(column)}]`"
        return Problem(text, "numbers were expected", fix, "path", code="name_column")
    return Problem(
        text, "numbers were expected", f"add `categorical: {categorical}`", "path", code="text_column"
    )


def hole_problem(column: str, missing: Array, lines: Sequence[int], *, target: bool = False) -> Problem:
    """Empty cells in a column that must have none."""
    count, first = int(missing.sum()), int(np.argmax(missing))
    cells = "1 empty cell" if count == 1 else f"{count:,} empty cells"
    where = f'the target "{column}"' if target else f'"{column}"'
    text = f"{cells} in {where} (first: {place(lines, first)})"
    if target:
        fix = "add `missing: drop`: what is to be learned cannot be filled, so such rows are left out"
        return Problem(text, "a value was expected", fix, "path", code="empty_target")
    return Problem(
        text,
        "a value was expected",
        "add `missing: median` (or mean, zero, drop)",
        "path",
        code="empty_cells",
    )


def quoted(name: str) -> str:
    """A column's name as an item of a YAML list."""
    return (
        name
        if re.fullmatch(r"[A-Za-z_][\w ]*", name) and name.lower() not in ("none", "null", "true", "false")
        else f'"{name}"'
    )
