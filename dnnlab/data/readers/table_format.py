"""How the texts of a table become numbers, by the keys `decimal`, `thousands`, `strip` and `dates`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ...errors import DataError, Problem
from ..raw import Array
from .cells import Cells, ParsedCells, coded, shown
from .csv_file import Columns, Table, take_rows
from .dates import date_cells, date_features, date_order
from .number_format import NumberFormat

RARE = "(rare)"
"""The category of texts that are joined."""


@dataclass(frozen=True)
class TableFormat:
    """The format of a table's numbers and dates."""

    numbers: NumberFormat = field(default_factory=NumberFormat)
    dates: Mapping[str, tuple[Sequence[str], str]] = field(default_factory=dict)
    """Column -> parts of its dates, and their order ("ymd", "dmy", "mdy")."""
    joined: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Column -> the texts that stay; all others are `RARE`."""

    @cached_property
    def features(self) -> dict[str, tuple[str, Any]]:
        """Name of a feature -> the column of its dates, and the number of a date."""
        return {
            name: (column, number)
            for column, (parts, _) in self.dates.items()
            for name, number in date_features(column, parts).items()
        }

    def cells(self, name: str, columns: Mapping[str, Sequence[str]]) -> Sequence[str]:
        """The cells of a column or of a feature of dates."""
        if name in self.features:
            source, number = self.features[name]
            return date_cells(columns[source], self.dates[source][1], number)
        cells = columns[name]
        if name in self.joined:
            return joined_cells(cells, frozenset(self.joined[name]))
        typed = isinstance(cells, Cells) and cells.typed
        return cells if self.numbers.plain or typed else ParsedCells(cells, self.numbers.number)

    def apply(self, table: Table) -> Table:
        """The table, read in this format."""
        if self == TableFormat():
            return table
        return replace(
            table, columns=FormattedColumns(table.columns, self), form={**table.form, **self.to_json()}
        )

    def to_json(self) -> dict[str, Any]:
        """For data.json; only what is not plain."""
        dates = {
            column: {"parts": list(parts), "order": order} for column, (parts, order) in self.dates.items()
        }
        return {
            **({} if self.numbers.plain else {"numbers": asdict(self.numbers)}),
            **({"dates": dates} if dates else {}),
            **({"joined": {name: list(kept) for name, kept in self.joined.items()}} if self.joined else {}),
        }


class FormattedColumns(Columns):
    """Columns whose cells are read in a format; each column of dates is replaced by its features."""

    def __init__(self, source: Mapping[str, Sequence[str]], form: TableFormat) -> None:
        self.source, self.form = source, form
        self.names: list[str] = []
        for name in source:
            of_date = [feature for feature, (column, _) in form.features.items() if column == name]
            self.names += of_date or [name]

    def __getitem__(self, name: str) -> Sequence[str]:
        if name not in self.names:
            raise KeyError(name)
        return self.form.cells(name, self.source)

    def take(self, rows: Array) -> FormattedColumns:
        """The columns with only these rows."""
        return FormattedColumns(take_rows(self.source, rows), self.form)


def in_format(
    table: Table,
    numbers: NumberFormat,
    dates: Mapping[str, Sequence[str]],
    categorical: Sequence[str] = (),
    rare: int | None = None,
) -> Table:
    """The table in the format that the keys of a config ask for; all rows tell the order of their dates.

    rare: texts of the categorical columns in fewer rows are joined. Raises `DataError` for formats that
    contradict themselves and for columns that hold no dates.
    """
    problems = _number_problems(numbers)
    found: dict[str, tuple[Sequence[str], str]] = {}
    for name, parts in dates.items():
        if name not in table.columns:
            known = ", ".join(list(table.columns)[:12])
            text = f'no column is called "{name}"'
            problems.append(Problem(text, f"the file has {known}", "", "dates", code="unknown_column"))
            continue
        texts = coded(table.columns[name])[0]
        order = date_order(texts)
        if order in ("", "?"):
            problems.append(_date_problem(name, table, ambiguous=order == "?"))
        elif clash := [feature for feature in date_features(name, parts) if feature in table.columns]:
            text = f'a column is called "{clash[0]}" already'
            problems.append(
                Problem(text, "expected a new name", "rename it", "dates", code="duplicate_column")
            )
        found[name] = (tuple(parts), order)
    if rare is not None and not categorical:
        text = f"rare: {rare}, and no column is categorical"
        problems.append(Problem(text, "expected no such key", "remove it", "rare", code="no_effect"))
    DataError.raise_if_any(problems)
    columns = [name for name in categorical if rare is not None and name in table.columns]
    kept = {name: frequent(table.columns[name], rare or 0) for name in columns}
    return TableFormat(numbers, found, {name: texts for name, texts in kept.items() if texts}).apply(table)


def frequent(cells: Sequence[str], rare: int) -> list[str]:
    """The texts in so many cells or more; [] if there is nothing to join, or nothing but what is joined."""
    texts, codes = coded(cells)
    counts = np.bincount(codes, minlength=len(texts))
    kept = [text for text, count in zip(texts, counts, strict=True) if text and count >= rare]
    return kept if len(kept) < len(set(texts) - {""}) else []


def joined_cells(cells: Sequence[str], kept: frozenset[str]) -> Sequence[str]:
    """The cells with `RARE` for each text that is not kept; empty ones stay empty."""
    texts, codes = coded(cells)
    shown_as = np.array([text if not text or text in kept else RARE for text in texts], dtype=object)
    return tuple(shown_as[codes].tolist())


def described_format(described: Mapping[str, Any]) -> TableFormat:
    """The format that `TableFormat.to_json` wrote."""
    numbers = NumberFormat(**described.get("numbers", {}))
    dates = {column: (item["parts"], item["order"]) for column, item in described.get("dates", {}).items()}
    return TableFormat(numbers, dates, described.get("joined", {}))


def _number_problems(numbers: NumberFormat) -> list[Problem]:
    if numbers.decimal == numbers.thousands:
        text = f'decimal and thousands are both "{numbers.decimal}"'
        return [
            Problem(text, "expected different characters", "correct one", "thousands", code="number_format")
        ]
    wrong = sorted({c for c in numbers.strip if c.isalnum() or c in "+-.,"})
    if wrong:
        text = f'strip holds "{"".join(wrong)}", which numbers consist of'
        return [Problem(text, "expected signs such as $ or %", "remove it", "strip", code="number_format")]
    return []


def _date_problem(name: str, table: Table, *, ambiguous: bool) -> Problem:
    cells = table.columns[name]
    if ambiguous:
        text = f'the dates of "{name}" ({shown(coded(cells)[0])}) may begin with the day or with the month'
        return Problem(
            text, "expected dates such as 2021-03-14", "write the year first", "dates", code="dates"
        )
    first = next((i for i, text in enumerate(cells) if text and date_order([text]) == ""), 0)
    text = f'"{name}" holds "{cells[first]}" ({table.places.words(first)}), or dates in several orders'
    return Problem(text, "expected dates such as 2021-03-14 or 14.3.2021", "", "dates", code="dates")
