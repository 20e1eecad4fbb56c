"""Rows for other programs: CSV and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from ...registry import inline
from .columns import Column
from .text import clean


def csv_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A CSV text of all rows, each key a column; numbers in full, nothing for None."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(keys)
    writer.writerows([_plain(row.get(key)) for key in keys] for row in rows)
    return [text.getvalue().removesuffix("\n")] if keys else []


def _plain(value: Any) -> Any:
    return (
        ""
        if value is None
        else value
        if isinstance(value, str)
        else repr(value)
        if isinstance(value, float)
        else inline(value)
    )


def markdown_lines(table: Sequence[Column]) -> list[str]:
    """A Markdown table; whatever a text holds, it is shown as that text."""
    rows = [
        [escaped(text) for text in row]
        for row in zip(*([column.title, *column.cells] for column in table), strict=True)
    ]
    rule = [("-:" if column.right else ":-") for column in table]
    return ["| " + " | ".join(row) + " |" for row in [rows[0], rule, *rows[1:]]]


def escaped(text: str) -> str:
    r"""A text for a cell: signs that Markdown or HTML would read are escaped.

    >>> escaped("a|b <i> *x*")
    'a\\|b &lt;i> \\*x\\*'
    """
    text = clean(text).replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{c}" if c in "|*_`[]" else c for c in text)
