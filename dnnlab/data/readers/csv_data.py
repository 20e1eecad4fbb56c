"""From a table to a `RawDataset`: inputs, targets, and what happens to empty cells."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

import numpy as np

from ...errors import DataError, Problem
from ..raw import Array, RawDataset
from .cells import holes, read_numbers, target_holes
from .csv_file import Columns, Table
from .table_inputs import Column, choose_columns, encode_table, hole_problems, indicators
from .table_targets import Targets, read_targets


def raw_of_table(
    table: Table,
    target: str | list[str],
    task: str,
    categorical: Sequence[str],
    missing: str,
    drop: Sequence[str],
    missing_target: str = "error",
    encode: Callable[[Table, Sequence[Column]], Array] = encode_table,
) -> RawDataset:
    """The data set of a table; all columns but targets and `drop` are inputs.

    Empty numbers stay NaN for build to fill after the split.

    encode: makes the inputs of the chosen columns. Raises `DataError` with everything that is wrong: unknown
    columns, text, empty cells, targets that do not fit the task.
    """
    targets = [target] if isinstance(target, str) else target
    check_names(table, targets, categorical, drop)
    inputs = [name for name in table.columns if name not in targets and name not in drop]
    if not inputs:
        text = f"no column is left to learn from (columns: {', '.join(table.columns)})"
        fix = "check `drop`" if isinstance(table.columns, Columns) else "check `separator` and `drop`"
        raise DataError(
            Problem(text, "expected one or more besides the target", fix, "path", code="no_columns")
        )
    whole = table
    if "drop" in (missing, missing_target):
        table = with_targets(table, targets)
    targeted = len(table)
    if missing == "drop":
        table = _without_holes(table, inputs, categorical)
    problems: list[Problem] = []
    columns, found = None, None
    try:
        columns = choose_columns(table, inputs, categorical)
    except DataError as error:
        problems += error.problems
    if missing == "error":
        problems += hole_problems(table, _readable(table, inputs, categorical))
    try:
        found = read_targets(table, targets, task, keep_na=missing_target == "keep")
    except DataError as error:
        problems += error.problems
    if problems or columns is None or found is None:
        raise DataError(*problems)
    return RawDataset(
        (encode(table, columns), found.values),
        target=found.kind,
        class_names=() if found.kind == "real" else found.names,
        target_names=found.names if found.kind == "real" else (),
        feature_names=tuple(feature for column in columns for feature in column.features),
        places=table.places,
        note="; ".join(filter(None, (table.note, _note(found, len(whole), targeted, len(table))))),
        fill=missing if missing in ("mean", "median", "zero") else "",
        indicators=indicators(columns),
        encoding={
            "reader": "csv",
            "columns": [c.plain() for c in columns],
            "targets": list(targets),
            "missing": missing,
            **table.form,
            **(
                {"header": {**table.form["header"], "targets": list(targets)}}
                if "header" in table.form
                else {}
            ),
        },
    )


def check_names(
    table: Table, targets: Sequence[str], categorical: Sequence[str], drop: Sequence[str]
) -> None:
    """Raise `DataError` for names that no column has, and for columns that are named for two purposes."""
    problems = []
    for key, names in (("target", targets), ("categorical", categorical), ("drop", drop)):
        for name in names:
            if name not in table.columns:
                problems.append(unknown_column(name, list(table.columns), key))
            elif key != "target" and name in targets:
                text, fix = f'"{name}" is the target', f"remove it from {key}"
                problems.append(Problem(text, "expected an input column", fix, key, code="two_purposes"))
            elif key == "categorical" and name in drop:
                text = f'"{name}" stands under categorical and under drop'
                problems.append(
                    Problem(text, "expected one of them", "remove it from one", key, code="two_purposes")
                )
    problems += [
        Problem(
            f'"{name}" stands twice under target',
            "expected each column once",
            "write it once",
            "target",
            code="two_purposes",
        )
        for name in dict.fromkeys(targets)
        if list(targets).count(name) > 1
    ]
    if not targets:
        problems.append(
            Problem(
                "no target is named",
                "expected a column to learn",
                "write `target: NAME`",
                "target",
                code="no_target",
            )
        )
    DataError.raise_if_any(problems)


def unknown_column(name: str, known: Sequence[str], key: str) -> Problem:
    """A column that is not there, with the one that may have been meant."""
    folded = {column.lower(): column for column in known}
    close = difflib.get_close_matches(name.lower(), list(folded), n=1)
    shown = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    fix = f"did you mean {folded[close[0]]}?" if close else ""
    return Problem(f'no column is called "{name}"', f"the file has {shown}", fix, key, code="unknown_column")


def with_targets(table: Table, targets: Sequence[str]) -> Table:
    """The rows that have all targets. Raises `DataError` if there are none."""
    gone = np.logical_or.reduce([target_holes(table.columns[name]) for name in targets])
    if gone.all():
        text = f"no row has a value of {', '.join(targets)}"
        raise DataError(
            Problem(text, "expected values to learn", "name another target", "target", code="empty_target")
        )
    return table.take(np.flatnonzero(~gone)) if gone.any() else table


def _without_holes(table: Table, inputs: Sequence[str], categorical: Sequence[str]) -> Table:
    """The rows without an empty cell among the inputs; an empty column is a problem of its own."""
    gone = np.zeros(len(table), dtype=bool)
    for name in inputs:
        missing = holes(table.columns[name], text=name in categorical)
        if not missing.all():
            gone |= missing
    if gone.all():
        fix = "write `missing: median` (and `missing_target: drop` if targets are empty), or drop columns"
        raise DataError(
            Problem("every row has an empty cell", "expected whole rows", fix, "missing", code="too_few_rows")
        )
    return table.take(np.flatnonzero(~gone)) if gone.any() else table


def _readable(table: Table, inputs: Sequence[str], categorical: Sequence[str]) -> list[Column]:
    """The columns whose empty cells are counted, also of undeclared text, without empty ones."""
    whole = [n for n in inputs if not holes(table.columns[n], text=n in categorical).all()]
    return [
        Column(n, () if n in categorical or read_numbers(table.columns[n]).texts else None) for n in whole
    ]


def _note(found: Targets, whole: int, targeted: int, kept: int) -> str:
    words = [found.note] if found.note else []
    if whole > targeted:
        words.append(f"{whole - targeted:,} of {whole:,} rows have no target and are left out")
    if targeted > kept:
        words.append(f"{targeted - kept:,} of {whole:,} rows have empty cells and are left out")
    return "; ".join(words)
