"""What parts the cells of a text table, and whether its first line holds names."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any

from ...errors import DataError, Problem
from .cells import EMPTY

SEPARATORS = {",": ",", ";": ";", "tab": "\t", "|": "|", ":": ":", "space": " "}
"""Word of the key `separator` -> character."""
Namer = Callable[[int], Sequence[str]]
"""Gives the names of so many columns of a file without a header."""
_COMMON = (",", ";", "\t")
_OTHERS = ("|", "^", "~", "\x01", ":", " ")
_TALKATIVE = (":", " ")  # they stand within texts and times, too
_NO_DECIMAL = re.compile(r"(?<!\d),|,(?!\d)")
_ROWS, _CHARACTERS = 100, 1 << 18  # of a file, to judge by


def detected(text: str, likely: str | None = None) -> str:
    """The one of comma, semicolon and tab that gives the first line most cells.

    Where it does not part all lines alike, or commas stand between digits alone, one of the others that does.
    likely: a character that is tried first.
    """
    if likely is not None and parts_all_alike(text, likely):
        return likely
    first = next((line for line in text.splitlines() if line.strip()), "")
    most = max(_COMMON, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))
    decimals = most == "," and not _NO_DECIMAL.search(text[:_CHARACTERS])
    fair = [mark for mark in _COMMON if parts_all_alike(text, mark) and not (decimals and mark == ",")]
    return fair[0] if fair and most not in fair else most


def parts_all_alike(text: str, mark: str) -> bool:
    """Whether a character parts the first rows into the same number of cells, two or more."""
    widths = {len(row) for row in sample(text, mark)}
    return len(widths) == 1 and widths != {1}


def other_mark(text: str, mark: str) -> str:
    """Another character that parts all rows alike; "" for none."""
    found = [other for other in (*_COMMON, *_OTHERS) if other != mark and parts_all_alike(text, other)]
    return next((m for m in found if m not in _TALKATIVE or _holds_numbers(sample(text, m))), "")


def separator_problem(name: str, text: str, mark: str) -> Problem:
    """The problem of a file whose cells are parted by another character than was thought."""
    word = next((word for word, character in SEPARATORS.items() if character == mark), "")
    width = len(sample(text, mark)[0])
    shown = {"\t": "tab", " ": "space", "\x01": "the character 1"}.get(mark, f'"{mark}"')
    fix = f'write `separator: "{word}"`' if word else f"write commas in place of {shown}"
    received = f"{name} is not parted as expected: {shown} parts every line into {width} cells"
    return Problem(received, "expected `,`, `;` or tab, or the key", fix, "path", code="separator")


def reads_like_a_row(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A cell of the first line that stands below it too, if that line looks like a row; "" if not.

    It does if more than half of its cells are numbers above numbers, or texts that their column repeats.
    """
    alike, again = 0, ""
    for name, column in zip(header, zip(*islice(rows, _ROWS), strict=False), strict=False):
        filled = {cell for cell in column if cell.lower() not in EMPTY}
        if not filled or name.lower() in EMPTY:
            continue
        if all(map(is_number, filled)):
            if not is_number(name):
                return ""
            alike += 1
        elif name in filled:
            alike, again = alike + 1, again or name
    return again if 2 * alike > len(header) else ""


def holds_numbers_for_names(header: Sequence[str]) -> bool:
    """Whether names are numbers, all of them or half of them with a decimal point among those."""
    numbers = [name for name in header if is_number(name)]
    half = len(header) <= 2 * len(numbers) and any("." in name for name in numbers)
    return bool(header) and (len(numbers) == len(header) or half)


def no_header_words(file: str, header: Sequence[str]) -> str:
    """Why a first line is no header: `3 of 4 names in the first line of t.csv are numbers (6, 1.5, 9)`."""
    numbers = [name for name in header if is_number(name)]
    some = ", ".join(header[:4]) + (", ..." if len(header) > 4 else "")
    if len(numbers) == len(header):
        return f"the first line of {file} holds only numbers ({some})"
    if holds_numbers_for_names(header):
        names = f"{len(numbers)} of {len(header)} names in the first line of {file} are numbers"
        return f"{names} ({', '.join(numbers[:4])})"
    return f"the first line of {file} reads like a row of values ({some})"


def lacks_a_header(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first line is a row; years and columns numbered by pandas (0,1,2) may be names."""
    if not holds_numbers_for_names(header):
        return bool(reads_like_a_row(header, rows))
    counts = all(name.isdigit() for name in header)
    return not (counts and all(int(b) == int(a) + 1 for a, b in pairwise(header)))


def is_number(text: str) -> bool:
    """Whether `float` reads a text."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def positional(count: int) -> list[str]:
    """`column1`, `column2` and so on."""
    return [f"column{number}" for number in range(1, count + 1)]


def names_of_run(header: Mapping[str, Any]) -> Namer:
    """The names in a new file of a run whose own file had no header; it may leave out the targets.

    header: `{columns, targets}`: how many columns the run's file has, and which of them it learned. Raises
    `DataError` for another number of columns.
    """

    def names(count: int) -> Sequence[str]:
        whole = positional(header["columns"])
        inputs = [name for name in whole if name not in header["targets"]]
        for known in (whole, inputs):
            if count == len(known):
                return known
        expected = f"expected {len(whole)}, as the file of the run has, or {len(inputs)} without the target"
        raise DataError(Problem(f"{count} columns and no header", expected, code="data_shape"))

    return names


def named_columns(
    words: str | int | Sequence[str | int], columns: Sequence[str], key: str, *, header: bool
) -> list[str]:
    """The names of columns that are given by name or, in a file without a header, by number from 1.

    Raises `DataError`.
    """
    problems = []
    words = [words] if isinstance(words, str | int) else words
    for word in words:
        if isinstance(word, int) and header:
            fix = f'write `"{word}"` for a column of that name'
            problems.append(
                Problem(
                    f"received {word}",
                    "expected a name, since there is a header",
                    fix,
                    key,
                    code="wrong_type",
                )
            )
        elif isinstance(word, int) and not 1 <= word <= len(columns):
            expected = f"expected a column's number from 1 to {len(columns)}"
            problems.append(Problem(f"received {word}", expected, "", key, code="unknown_column"))
    DataError.raise_if_any(problems)
    return [columns[word - 1] if isinstance(word, int) else word for word in words]


def sample(text: str, mark: str) -> list[list[str]]:
    """The first rows of a text if a character parts their cells; none if it cannot be."""
    cut = text[:_CHARACTERS]
    lines = prepared(cut, mark)
    try:
        rows = [row for row in csv.reader(lines, delimiter=mark, skipinitialspace=True) if row]
    except csv.Error:
        return []
    return (rows[:-1] if len(cut) < len(text) else rows)[:_ROWS]


def prepared(text: str, mark: str) -> io.StringIO:
    """A text for `csv.reader`; where spaces part the cells, tabs do so too, and none stands at an end."""
    if mark == " ":
        text = "\n".join(line.replace("\t", " ").strip() for line in text.splitlines())
    return io.StringIO(text, newline="")


def _holds_numbers(rows: Sequence[Sequence[str]]) -> bool:
    cells = [cell for row in rows for cell in row]
    return 2 * sum(map(is_number, cells)) >= len(cells)
