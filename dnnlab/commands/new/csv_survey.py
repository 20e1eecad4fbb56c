"""Survey a CSV file: the content of each column, and the task that the target suggests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...data.readers.cells import ParsedCells, coded, holes, is_name, read_numbers
from ...data.readers.csv_data import check_names, with_targets
from ...data.readers.csv_dialect import no_header_words, positional
from ...data.readers.csv_file import Table, guessed_dialect, read_table
from ...data.readers.dates import date_order
from ...data.readers.labels import are_codes
from ...data.readers.number_format import NumberFormat, guessed_format
from ...data.readers.table_format import TableFormat
from ...data.readers.table_targets import Targets, read_targets
from ...errors import DataError, Problem
from ...registry import inline

MOST_CATEGORIES = 50
"""A column of more different texts is dropped, unless each has some rows."""
ROWS_A_TEXT = 5
_MOST_OF_ALL = 500
_ROW_NAMES = frozenset(
    {"id", "index", "row", "rows", "rownames", "row_id", "no", "nr", "number", "obs", "unnamed: 0"}
)
_TASKS = {"index": "classes", "real": "numbers", "multi": "labels"}


@dataclass(frozen=True)
class Column:
    """An input column of the file, and what it is good for."""

    name: str
    use: str
    """"number", "category", "date" or "drop"."""
    different: int
    """How many different values it holds."""
    empty: int
    """Cells without a value."""
    words: str = ""
    """Why it is dropped, or its most frequent texts."""
    rare: int = 0
    """How many of the texts of a category are in fewer than `ROWS_A_TEXT` rows."""

    def json(self) -> dict[str, Any]:
        """The column as plain data."""
        return {
            "name": self.name,
            "use": self.use,
            "different": self.different,
            "empty": self.empty,
            "why": self.words,
        }


@dataclass(frozen=True)
class Survey:
    """What a CSV file holds."""

    path: Path
    rows: int
    """All rows of the file."""
    targets: tuple[str, ...]
    task: str
    """"classes", "numbers" or "labels"."""
    target_words: str
    """The targets in words."""
    target_empty: int
    """Rows without a target."""
    task_note: str
    """What else the task might be."""
    columns: tuple[Column, ...]
    """The input columns, in the file's order."""
    numbers: NumberFormat = field(default_factory=NumberFormat)
    """How numbers are written in the file."""
    separator: str = "auto"
    """What parts its cells, as the key `separator` says it."""
    header: bool = True
    """Whether its first line holds the names of the columns."""

    def using(self, use: str) -> list[Column]:
        """The columns of that use."""
        return [column for column in self.columns if column.use == use]

    def json(self) -> dict[str, Any]:
        """The survey as plain data."""
        columns = [column.json() for column in self.columns]
        head = {"path": str(self.path), "rows": self.rows, "targets": list(self.targets), "task": self.task}
        return {**head, "target": self.target_words, "target_empty": self.target_empty, "columns": columns}


def survey(path: Path, targets: Sequence[str]) -> Survey:
    """Read a CSV file with a header.

    Raises `DataError` for a file or a target that cannot be read, and if nothing is left to learn.
    """
    table, separator, header = open_table(path)
    targets = targets if header else [_without_header(word, table, path) for word in targets]
    check_names(table, targets, (), ())
    numbers = file_format(table)
    table = TableFormat(numbers).apply(table)
    whole = with_targets(table, targets)
    found = read_targets(whole, targets, "auto")
    columns = tuple(
        counter(name, table) or look(name, cells)
        for name, cells in whole.columns.items()
        if name not in targets
    )
    seen = Survey(
        path,
        len(table),
        tuple(targets),
        _TASKS[found.kind],
        target_words(whole, targets, found),
        len(table) - len(whole),
        found.note,
        columns,
        numbers,
        separator,
        header,
    )
    check_worth(seen, found)
    return seen


def open_table(path: Path) -> tuple[Table, str, bool]:
    """A CSV file, the word of `separator` that reads it, and whether it has a header. Raises `DataError`."""
    separator, header = guessed_dialect(path)
    return read_table(path, separator, None if header else positional), separator, header


def _without_header(word: str, table: Table, path: Path) -> str:
    """The column that a name or a number means. Raises `DataError`, with a column whose first cell it is."""
    names = list(table.columns)
    if word in names or (word.isdigit() and 1 <= int(word) <= len(names)):
        return word if word in names else names[int(word) - 1]
    row = [cells[0] for cells in table.columns.values()]
    first = [name for name, cell in zip(names, row, strict=True) if cell == word]
    text = f'no column is called "{word}": {no_header_words(path.name, row)}'
    expected = f"expected {names[0]} to {names[-1]}, or a number from 1 to {len(names)}"
    fix = f"did you mean {first[-1]}, which begins with {word}?" if first else ""
    raise DataError(Problem(text, expected, fix, "target", code="unknown_column"))


def check_worth(seen: Survey, found: Targets) -> None:
    """Raise `DataError` if there is nothing to learn, or nothing to learn it from."""
    if found.kind == "index" and len(found.names) < 2:
        text = f'all {seen.rows:,} rows have the same "{seen.targets[0]}" ({inline(found.names[0])})'
        raise DataError(
            Problem(text, "expected two classes or more", "name another target", "target", code="one_class")
        )
    if all(column.use == "drop" for column in seen.columns):
        why = "; ".join(f"{c.name}: {c.words}" for c in seen.columns[:5]) or "the file has only targets"
        raise DataError(
            Problem(
                f"{seen.path.name} holds no column to learn from ({why})",
                "expected one input or more",
                path="path",
                code="no_columns",
            )
        )


def file_format(table: Table) -> NumberFormat:
    """The format that reads numbers that are written otherwise, and leaves all others numbers."""
    formats = [form for cells in table.columns.values() if (form := guessed_format(coded(cells)[0]))]
    if not formats:
        return NumberFormat()
    decimal = "," if any(form.decimal == "," for form in formats) else "."
    thousands = next((form.thousands for form in formats if form.thousands not in ("", decimal)), "")
    strip = "".join(sorted({sign for form in formats for sign in form.strip}))
    other = "." if decimal == "," else ","
    for mark in dict.fromkeys((thousands, other)):  # 1.234 beside 0,5 is a thousand, though it looks plain
        found = NumberFormat(decimal, mark, strip)
        if all(_stays_a_number(cells, found) for cells in table.columns.values()):
            return found
    return NumberFormat()  # columns that contradict each other


def _stays_a_number(cells: Sequence[str], found: NumberFormat) -> bool:
    """Whether a column of numbers, plain or not, is one in this format."""
    numeric = not read_numbers(cells).texts or guessed_format(coded(cells)[0]) is not None
    return not numeric or not ParsedCells(cells, found.number).numbers().texts


def counter(name: str, table: Table) -> Column | None:
    """The column, to be dropped, if it numbers the rows of the whole file; a yearly series does not."""
    cells = table.columns[name]
    values = read_numbers(cells).values
    named = name in table.unnamed or name.lower() in _ROW_NAMES
    counts = len(values) > 2 and bool((np.diff(values) == 1).all()) and (named or values[0] in (0, 1))
    return Column(name, "drop", len(values), 0, "it numbers the rows") if counts else None


def look(name: str, cells: Sequence[str]) -> Column:
    """What a column is good for."""
    found, different = read_numbers(cells), len(set(cells) - {""})
    some = found.texts.total()
    filled_texts = [text for text in coded(cells)[0] if text]
    codes = are_codes(filled_texts)
    empty = int(holes(cells, text=bool(some) or codes).sum())
    filled = len(cells) - int(holes(cells, text=False).sum())
    if filled == 0:
        return Column(name, "drop", 0, len(cells), "every cell is empty")
    if codes and not some:
        return _texts(name, cells, different, empty)
    if not some:
        words = _why_no_number(found.values[~np.isnan(found.values)])
        return Column(name, "drop" if words else "number", different, empty, words)
    if date_order(filled_texts) not in ("", "?"):
        return Column(
            name,
            "date",
            different,
            empty,
            f"{different:,} dates, from {min(filled_texts)} to {max(filled_texts)}",
        )
    if 2 * some < filled:
        first = next(iter(found.texts))
        share = f"{some:,} of {filled:,} cells {'holds' if some == 1 else 'hold'}"
        words = f"numbers, but {share} text such as {inline(first)}; correct {'it' if some == 1 else 'them'}"
        words += ", or name the column under categorical"
        return Column(name, "drop", different, empty, words)
    return _texts(name, cells, different, empty)


def _texts(name: str, cells: Sequence[str], different: int, empty: int) -> Column:
    """What a column of texts is good for: too many of them are no inputs, unless most rows share some."""
    counts = Counter(cell for cell in cells if cell)
    if different == 1 and not empty:
        return Column(name, "drop", 1, 0, f"it is {inline(next(iter(counts)))} in every row")
    frequent = [text for text in counts if counts[text] >= ROWS_A_TEXT]
    rare = different - len(frequent)
    most = max(MOST_CATEGORIES, min(_MOST_OF_ALL, len(cells) // ROWS_A_TEXT))
    shared = 2 * sum(counts[text] for text in frequent) >= counts.total() and len(frequent) <= most
    if (is_name(cells) or different > most) and not shared:
        words = f"{different:,} different texts in {len(cells):,} rows: too many to make an input of each"
        words += "" if is_name(cells) else " (or name it under categorical)"
        return Column(name, "drop", different, empty, words)
    more = " ..." if different > 3 else ""
    common = ", ".join(inline(text) for text, _ in counts.most_common(3))
    words = f"{different} {'text' if different == 1 else 'texts'}: {common}{more}"
    return Column(name, "category", different, empty, words, rare if frequent else 0)


def _why_no_number(values: np.ndarray) -> str:
    """Why numbers tell nothing: they are all the same."""
    return f"it is {values[0]:g} in every row" if len(values) > 1 and (values == values[0]).all() else ""


def target_words(table: Table, targets: Sequence[str], found: Targets) -> str:
    """`2 classes: no 63 %, yes 37 %`, `numbers from 25 to 346, mean 152`, `3 labels`."""
    if found.kind == "multi":
        return f"{len(targets)} labels: " + ", ".join(
            f"{n} {_share(v.mean())}" for n, v in zip(targets, found.values.T, strict=True)
        )
    if found.kind == "real":
        ends = [
            f"{n} " * (len(targets) > 1) + f"from {v.min():g} to {v.max():g}"
            for n, v in zip(targets, found.values.T, strict=True)
        ]
        return f"numbers {', '.join(ends)}"
    counts = np.bincount(found.values, minlength=len(found.names))
    order = np.argsort(-counts, kind="stable")
    shown = [f"{inline(found.names[i])} {_share(counts[i] / len(table))}" for i in order[:4]]
    few = int(counts[order[-1]])
    rarest = "1 row" if few == 1 else f"{few:,} rows"
    rest = (
        f", {len(order) - 4} more, the rarest {inline(found.names[order[-1]])} in {rarest}"
        if len(order) > 4
        else ""
    )
    return f"{len(found.names)} classes: {', '.join(shown)}{rest}"


def _share(value: float) -> str:
    return f"{value:.0%}".replace("%", " %")
