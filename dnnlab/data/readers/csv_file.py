"""A CSV file as columns of texts (`Table`); what the texts mean is decided elsewhere. No torch here."""

from __future__ import annotations

import codecs
import csv
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DataError, Problem
from ..locate import unreadable
from ..places import Places
from ..raw import Array
from .csv_dialect import (
    SEPARATORS,
    Namer,
    detected,
    holds_numbers_for_names,
    is_number,
    lacks_a_header,
    no_header_words,
    other_mark,
    parts_all_alike,
    prepared,
    reads_like_a_row,
    sample,
    separator_problem,
)

SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".data", ".dat")
"""How files of separated texts are called."""
_FORMATS = {
    b"PK\x03\x04": ("a zip file, such as an Excel workbook", "save the sheet as CSV"),
    b"\x1f\x8b": ("compressed with gzip", "unpack it with gunzip"),
    b"PAR1": ("a Parquet file", "write `name: parquet` instead of csv"),
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Columns(Mapping[str, Sequence[str]]):
    """Columns that are read when they are asked for."""

    names: Sequence[str]

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    @abstractmethod
    def take(self, rows: Array) -> Columns:
        """The columns with only these rows."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table of stripped texts."""

    columns: Mapping[str, Sequence[str]]
    """Columns by name, all of one length."""
    places: Places
    """Where its rows stand in the file."""
    unnamed: tuple[str, ...] = ()
    """Columns whose header cell is empty; they are called `column<number>`."""
    form: Mapping[str, Any] = field(default_factory=dict)
    """How the file is written, for data.json; empty for a header, plain numbers and no separator."""
    note: str = ""
    """What the user should know of how it was read."""

    def __len__(self) -> int:
        return len(self.places)

    def take(self, rows: Iterable[int]) -> Table:
        """The table of these rows."""
        numbers = np.fromiter(rows, np.int64)
        places = self.places.take(numbers.tolist())
        return replace(self, columns=take_rows(self.columns, numbers), places=places)


def take_rows(columns: Mapping[str, Sequence[str]], rows: Array) -> Mapping[str, Sequence[str]]:
    """The columns with only these rows."""
    if isinstance(columns, Columns):
        return columns.take(rows)
    return {name: tuple(cells[i] for i in rows) for name, cells in columns.items()}


def read_table(
    path: Path, separator: str = "auto", names: Namer | None = None, likely: str | None = None
) -> Table:
    """Read a CSV file.

    separator: a word of `SEPARATORS`, or `auto`: comma, semicolon or tab. names: gives the columns' names of
    a file without a header line. likely: a word that `auto` tries first.
    UTF-8 with or without a byte order mark, or UTF-16 with one; quotes and quoted newlines as in RFC 4180.
    Raises `DataError` with everything that is wrong with the form of the file: encoding, header, rows of
    another length.
    """
    text = _text(path)
    mark = detected(text, SEPARATORS.get(likely or "")) if separator == "auto" else SEPARATORS[separator]
    rows, lines = _rows(text, mark, path)
    if not rows:
        raise _refused(f"{path.name} is empty", "expected a header line and rows", "", "empty_file")
    ragged = _ragged(path, rows, lines, header=names is None)
    if (len(rows[0]) == 1 or ragged) and (other := other_mark(text, mark)):
        raise DataError(separator_problem(path.name, text, other))
    note, unnamed = "", tuple[str, ...]()
    form: dict[str, Any] = {} if separator == "auto" else {"separator": separator}
    if names is None:
        header, rows, lines = rows[0], rows[1:], lines[1:]
        problems = [*_header_problems(path, header, rows), *ragged]
        if not problems and not rows:
            problems = [_no_rows(path)]
        DataError.raise_if_any(problems)
        found = [name or f"column{i}" for i, name in enumerate(header, 1)]
        unnamed = tuple(name for name, cell in zip(found, header, strict=True) if not cell)
        note = _row_note(path, header, rows)
    else:
        DataError.raise_if_any(ragged)
        found = list(names(len(rows[0])))
        form = {**form, "header": {"columns": len(found)}}
    places = Places(range(1, len(rows) + 1), lines)
    columns = dict(zip(found, zip(*rows, strict=True), strict=True))
    return Table(columns, places, unnamed, form, note)


def guessed_dialect(path: Path) -> tuple[str, bool]:
    """The word of `separator` that reads a file, and whether its first line holds names."""
    text = _text(path)
    mark = found = detected(text)
    if not parts_all_alike(text, mark):
        mark = other_mark(text, mark) or mark
    rows = sample(text, mark)
    word = next((word for word, character in SEPARATORS.items() if character == mark), "auto")
    return "auto" if mark == found else word, not (rows and lacks_a_header(rows[0], rows[1:]))


def from_frame(frame: Any) -> Table:
    """A data frame (anything with `columns` and a column by name) as a table; missing values become ""."""
    columns = {str(name): tuple(_cell(value) for value in frame[name]) for name in frame.columns}
    return Table(columns, Places.all(len(frame)))


def _cell(value: Any) -> str:
    # NaN, and pandas' NaT and NA, are not equal to themselves (or refuse to say).
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
        return ""
    return str(value).strip()


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error, "path") from None
    for magic, (what, fix) in _FORMATS.items():
        if content.startswith(magic):
            raise _refused(
                f"{path.name} is {what}", "expected a text file with separated columns", fix, "no_csv"
            )
    encoding, name = ("utf-16", "UTF-16") if content.startswith(_UTF16) else ("utf-8-sig", "UTF-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"{path.name}: line {line} holds the byte 0x{content[error.start]:02x}, which is no {name}"
        raise _refused(
            found,
            "expected UTF-8",
            "save it as UTF-8 (old files are often Latin-1 or Windows-1252)",
            "encoding",
        ) from None
    if "\0" in text:
        raise _refused(f"{path.name} holds NUL bytes, so it is no text", "expected UTF-8 text", "", "no_csv")
    return text


def _rows(
    text: str, delimiter: str, path: Path, escape: str | None = None
) -> tuple[list[list[str]], list[int]]:
    rows, lines = [], []
    reader = csv.reader(
        prepared(text, delimiter),
        delimiter=delimiter,
        skipinitialspace=True,
        strict=True,
        escapechar=escape,
    )
    begins = 1
    try:
        for row in reader:
            if row:  # a blank line gives an empty row
                rows.append([cell.strip() for cell in row])
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        if escape is None and '\\"' in text:  # as MySQL, Spark and JSON people write a quote inside a cell
            return _rows(text, delimiter, path, "\\")
        fix = 'a quote inside a quoted cell is written twice (""), and every quote must be closed'
        raise _refused(
            f"{path.name}: line {begins} cannot be read ({error})",
            "expected quotes as in RFC 4180",
            fix,
            "quotes",
        ) from None
    return rows, lines


def _header_problems(path: Path, header: list[str], rows: list[list[str]]) -> list[Problem]:
    counts = Counter(name for name in header if name)
    twice = {name: count for name, count in counts.items() if count > 1}
    if holds_numbers_for_names(header) or (twice and reads_like_a_row(header, rows)):
        return [_no_header(path, header)]
    return [
        Problem(
            f'{path.name} has {count} columns called "{name}"',
            "expected names that differ",
            "rename them in the header",
            "path",
            code="duplicate_column",
        )
        for name, count in twice.items()
    ]


def _no_header(path: Path, header: list[str]) -> Problem:
    fix = "write a header line above it, or "
    if holds_numbers_for_names(header) and not all(map(is_number, header)):
        fix += "rename those columns, or "
    return Problem(
        no_header_words(path.name, header),
        "expected the columns' names",
        f"{fix}add `header: none`",
        "path",
        code="no_header",
    )


def _row_note(path: Path, header: list[str], rows: list[list[str]]) -> str:
    if again := reads_like_a_row(header, rows):
        found = f'the first line of {path.name} reads like a row ("{again}" stands below it, too)'
        return f"{found}: `header: none` if it is one"
    return ""


def _no_rows(path: Path) -> Problem:
    text = f"{path.name} has a header and no rows"
    return Problem(text, "expected rows below it", path="path", code="too_few_rows")


def _ragged(path: Path, rows: list[list[str]], lines: list[int], *, header: bool) -> list[Problem]:
    first = rows[0]
    wrong = [(line, len(row)) for line, row in zip(lines, rows, strict=True) if len(row) != len(first)]
    if not wrong:
        return []
    line, count = wrong[0]
    more = (
        ""
        if len(wrong) == 1
        else f" (and {len(wrong) - 1:,} more {'line' if len(wrong) == 2 else 'lines'} like it)"
    )
    above = "the header" if header else "the first line"
    text = f"{path.name}: line {line} has {count} cells, {above} has {len(first)}{more}"
    fix = (
        "quote cells that hold the separator, or write `separator:`"
        if count > len(first)
        else "add the missing cells or separators"
    )
    expected = "expected as many cells as names" if header else "expected as many cells in every line"
    return [Problem(text, expected, fix, "path", code="ragged")]


def _refused(received: str, expected: str, fix: str, code: str) -> DataError:
    return DataError(Problem(received, expected, fix, path="path", code=code))
