"""Survey a CSV file: the content of each column, and the task that the target suggests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...data.readers.cells import holes, is_name, read_numbers
from ...data.readers.csv_data import check_names
from ...data.readers.csv_file import Table, read_table
from ...data.readers.table_targets import Targets, read_targets
from ...errors import DataError, Problem
from ...registry import inline

MOST_CATEGORIES = 50
"""A column of more different texts is dropped: most of its one-hot inputs would nearly always be 0."""
_TASKS = {"index": "classes", "real": "numbers", "multi": "labels"}


@dataclass(frozen=True)
class Column:
    """An input column of the file, and what it is good for."""

    name: str
    use: str
    """"number", "category" or "drop"."""
    different: int
    """How many different values it holds."""
    empty: int
    """Cells without a value."""
    words: str = ""
    """Why it is dropped, or its most frequent texts."""

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

    Raises `DataError` for a file or a target that cannot be read, and where nothing is left to learn.
    """
    table = read_table(path)
    check_names(table, targets, (), ())
    gone = np.zeros(len(table), dtype=bool)
    for name in targets:
        gone |= holes(table.columns[name], text=bool(read_numbers(table.columns[name]).texts))
    whole = table.take(np.flatnonzero(~gone).tolist())
    found = read_targets(whole, targets, "auto")
    columns = tuple(look(name, cells) for name, cells in whole.columns.items() if name not in targets)
    words = target_words(whole, targets, found)
    seen = Survey(
        path, len(table), tuple(targets), _TASKS[found.kind], words, int(gone.sum()), found.note, columns
    )
    check_worth(seen, found)
    return seen


def check_worth(seen: Survey, found: Targets) -> None:
    """Raise `DataError` where there is nothing to learn, or nothing to learn it from."""
    if found.kind == "index" and len(found.names) < 2:
        text = f'all {seen.rows:,} rows have the same "{seen.targets[0]}" ({inline(found.names[0])})'
        raise DataError(
            Problem(text, "expected two classes or more", "name another target", "target", code="one_class")
        )
    if not seen.using("number") and not seen.using("category"):
        why = "; ".join(f"{c.name}: {c.words}" for c in seen.columns[:5]) or "the file has only targets"
        raise DataError(
            Problem(
                f"{seen.path.name} holds no column to learn from ({why})",
                "expected one input or more",
                path="path",
                code="no_columns",
            )
        )


def look(name: str, cells: Sequence[str]) -> Column:
    """What a column is good for."""
    found, different = read_numbers(cells), len(set(cells) - {""})
    some = found.texts.total()
    empty = int(holes(cells, text=bool(some)).sum())
    filled = len(cells) - int(holes(cells, text=False).sum())
    if filled == 0:
        return Column(name, "drop", 0, len(cells), "every cell is empty")
    if not some:
        words = _why_no_number(found.values[~np.isnan(found.values)])
        return Column(name, "drop" if words else "number", different, empty, words)
    if 2 * some < filled:
        first = next(iter(found.texts))
        share = f"{some:,} of {filled:,} cells"
        words = f"numbers, but {share} hold text such as {inline(first)}; correct them to use it"
        return Column(name, "drop", different, empty, words)
    if is_name(cells) or different > MOST_CATEGORIES:
        words = f"{different:,} different texts in {len(cells):,} rows: too many to make an input of each"
        return Column(name, "drop", different, empty, words)
    common = [text for text, _ in Counter(c for c in cells if c).most_common(3)]
    more = " ..." if different > 3 else ""
    texts = "text" if different == 1 else "texts"
    words = f"{different} {texts}: {', '.join(inline(text) for text in common)}{more}"
    return Column(name, "category", different, empty, words)


def _why_no_number(values: np.ndarray) -> str:
    """Why numbers tell nothing: they count the rows, or are all the same."""
    if len(values) > 2 and (np.diff(values) == 1).all():
        return "it numbers the rows"
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
    rest = (
        f", {len(order) - 4} more, the rarest {inline(found.names[order[-1]])} in {counts[order[-1]]:,} rows"
        if len(order) > 4
        else ""
    )
    return f"{len(found.names)} classes: {', '.join(shown)}{rest}"


def _share(value: float) -> str:
    return f"{value:.0%}".replace("%", " %")
