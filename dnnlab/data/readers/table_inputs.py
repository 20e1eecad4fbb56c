"""The input columns of a table as one matrix: numbers as they are, categories one-hot.

Made once and, later, for new tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import DataError, Problem
from ..raw import Array
from .cell_problems import hole_problem, text_problem
from .cells import coded, holes, in_order, quoted, read_numbers, shown
from .csv_file import Table

NO_VALUE = "(empty)"
_SHOWN = 5


@dataclass(frozen=True)
class Column:
    """One input column of the file."""

    name: str
    values: tuple[str, ...] | None = None
    """Its categories in their order ("" is an empty cell); None for a column of numbers."""

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the features that it becomes: `town=Rome`, ..."""
        return (
            (self.name,)
            if self.values is None
            else tuple(f"{self.name}={value or NO_VALUE}" for value in self.values)
        )

    def plain(self) -> dict[str, Any]:
        """For data.json."""
        return (
            {"name": self.name} if self.values is None else {"name": self.name, "values": list(self.values)}
        )


def choose_columns(table: Table, names: Sequence[str], categorical: Sequence[str]) -> list[Column]:
    """The input columns in the file's order, with the categories of all rows.

    Raises `DataError` naming every column that holds text.
    """
    problems, columns = [], []
    text = {
        n: found for n in names if n not in categorical and (found := read_numbers(table.columns[n])).texts
    }
    usable = [
        n for n in text if text_problem(n, table.columns[n], text[n], table.places, "").code == "text_column"
    ]
    line = f"[{', '.join(quoted(n) for n in names if n in categorical or n in usable)}]"
    for name in names:
        cells = table.columns[name]
        if name in text:
            problems.append(text_problem(name, cells, text[name], table.places, line))
        elif holes(cells, text=name in categorical).all():
            problems.append(_useless(f'column "{name}" is empty', name))
        elif name in table.unnamed and _counts(cells):
            problems.append(
                _useless(f'column "{name}" has no name in the header and only counts the rows', name)
            )
        columns.append(Column(name, tuple(in_order(coded(cells)[0])) if name in categorical else None))
    DataError.raise_if_any(problems)
    return columns


def hole_problems(table: Table, columns: Sequence[Column]) -> list[Problem]:
    """A problem for each input column that has empty cells."""
    found = ((c.name, holes(table.columns[c.name], text=c.values is not None)) for c in columns)
    return [hole_problem(name, missing, table.places) for name, missing in found if missing.any()]


def encode_table(
    table: Table, columns: Sequence[Column], unknown: Callable[[str], None] | None = None
) -> Array:
    """(rows, features) float64: numbers, NaN for empty cells, and 0 or 1 for each category.

    unknown: is told of categories that the columns do not know, which are 0 in all; without it they are
    refused. Raises `DataError` also for text among numbers.
    """
    blocks, problems = [], []
    for column in columns:
        cells = table.columns[column.name]
        if column.values is None:
            numbers = read_numbers(cells)
            blocks.append(numbers.values[:, None])
            if numbers.texts:
                found_words = f"{shown(list(numbers.texts))}; first: {_line(table, numbers.first_text)}"
                text = f'column "{column.name}" holds text ({found_words})'
                problems.append(
                    Problem(text, "numbers were expected", "correct the file", "path", code="text_column")
                )
            continue
        number = {value: i for i, value in enumerate(column.values)}
        texts, codes = coded(cells)
        found = np.array([number.get(text, -1) for text in texts], dtype=np.int64)[codes]
        if (found < 0).any():
            if unknown is None:
                problems.append(_unknown(column, table, found < 0))
            else:
                unknown(_unknown_note(column, table, found < 0))
        blocks.append((found[:, None] == np.arange(len(number))).astype(np.float64))
    DataError.raise_if_any(problems)
    return np.concatenate(blocks, axis=1)


def indicators(columns: Sequence[Column]) -> tuple[int, ...]:
    """The features that are 0 or 1 for a category."""
    flags = [column.values is not None for column in columns for _ in column.features]
    return tuple(i for i, flag in enumerate(flags) if flag)


def columns_of(described: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The columns that `Column.plain` wrote."""
    return [Column(item["name"], tuple(item["values"]) if "values" in item else None) for item in described]


def _unknown(column: Column, table: Table, wrong: Array) -> Problem:
    """Refuse categories that the column does not know, row by row."""
    values, cells, rows = column.values or (), table.columns[column.name], np.flatnonzero(wrong).tolist()
    known = ", ".join(value or NO_VALUE for value in values[:8]) + (", ..." if len(values) > 8 else "")
    found = [f"{shown([cells[row] or NO_VALUE])} ({table.places.words(row)})" for row in rows[:_SHOWN]]
    more = len(rows) - len(found)
    found += [f"and {more:,} more row{'s' * (more > 1)}"] if more else []
    return Problem(
        f'column "{column.name}" holds what the data of the run did not hold: {", ".join(found)}',
        f"expected one of {known}",
        "leave those rows out, or train with them",
        "path",
        code="unknown_category",
    )


def _unknown_note(column: Column, table: Table, wrong: Array) -> str:
    cells, first = table.columns[column.name], int(np.argmax(wrong))
    texts = dict.fromkeys(cells[row] or NO_VALUE for row in np.flatnonzero(wrong).tolist())
    found = f"{shown(list(texts))} (first: {_line(table, first)})"
    foreign = f'column "{column.name}" holds {found}, which the data of the run did not hold'
    return f"{foreign}: read as none of its categories"


def _line(table: Table, row: int) -> str:
    return table.places.words(row).rpartition(", ")[2]


def _useless(text: str, name: str) -> Problem:
    return Problem(
        text,
        "a column to learn from was expected",
        f"add `drop: [{quoted(name)}]`",
        "path",
        code="useless_column",
    )


def _counts(cells: Sequence[str]) -> bool:
    values = read_numbers(cells).values
    return len(values) > 1 and bool((np.diff(values) == 1).all())
