"""Which columns of a table are to be learned, and as what: classes, numbers or labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...errors import DataError, Problem
from ..raw import Array
from .cell_problems import format_problem, hole_problem
from .cells import Numbers, ParsedCells, coded, is_name, read_numbers, shown, target_holes
from .csv_file import Table
from .labels import are_codes, class_numbers, label_note
from .number_format import guessed_format

_MOST_CLASSES = 20
_SURE_CLASSES = 5  # so few different whole numbers are classes however few rows there are
_ROWS_A_CLASS = 5  # more of them are a quantity if the rows of each are fewer


@dataclass(frozen=True, eq=False)
class Targets:
    """The targets of a table."""

    kind: str
    """"index", "real" or "multi"."""
    values: Array
    """As `RawDataset` has them."""
    names: tuple[str, ...]
    """Names of the classes, numbers or labels."""
    note: str = ""
    """What the user should know of how they were read."""


def read_targets(table: Table, columns: Sequence[str], task: str, *, keep_na: bool = False) -> Targets:
    """Read the target columns; `auto` decides from what they hold.

    keep_na: NA is the name of a class. Raises `DataError` naming columns and values.

    Text: classes. Numbers with decimals: numbers. Whole numbers: classes where at most 20 different ones
    occur, each twice on the average, else numbers (said in the note). Several columns: labels where all are 0
    or 1, else numbers.
    """
    found = {name: read_numbers(table.columns[name]) for name in columns}
    codes = len(columns) == 1 and are_codes(coded(table.columns[columns[0]])[0])
    automatic = "classes" if codes else _automatic(found, len(table))
    chosen = automatic if task == "auto" else task
    problems = _problems(table, found, chosen, keep_na)
    if chosen == "classes" and len(columns) == 1:
        problems += _class_problems(table.columns[columns[0]], columns[0], found[columns[0]], task)
    DataError.raise_if_any(problems)
    if chosen == "classes":
        texts, numbered = coded(table.columns[columns[0]])
        names, values = class_numbers(texts, numbered)
        notes = [label_note(columns[0], texts)]
        notes += [_note(columns[0], len(names), "classes", found)] if task == "auto" and not codes else []
        return Targets("index", values, names, "; ".join(note for note in notes if note))
    values = np.column_stack([numbers.values for numbers in found.values()])
    if chosen == "labels":
        return Targets("multi", values.astype(np.uint8), tuple(columns))
    return Targets(
        "real", values, tuple(columns), _note(columns[0], 0, "numbers", found) if task == "auto" else ""
    )


def _class_problems(cells: Sequence[str], name: str, found: Numbers, task: str) -> list[Problem]:
    """Refuse classes that are numbers in a form that needs a key, or that differ in nearly every row."""
    if not found.texts:
        return []
    where = f'the target "{name}"'
    form = guessed_format(coded(cells)[0])
    if task == "auto" and form is not None:
        values = ParsedCells(cells, form.number).numbers()
        unusual = format_problem(where, cells, name)
        if unusual is not None and _automatic({name: values}, len(cells)) == "numbers":
            other = "" if is_name(cells) else ", or `task: classes`"
            return [replace(unusual, fix=unusual.fix + other, path="target")]
    if is_name(cells):
        count, rows = len(coded(cells)[0]), len(cells)
        text = f"{where} holds {count:,} different texts in {rows:,} rows ({shown(list(found.texts))})"
        unusual = format_problem(where, cells, name) if form is not None else None
        fix = unusual.fix if unusual is not None else "name another target"
        return [Problem(text, "expected classes with several rows each", fix, "target", code="name_column")]
    return []


def _automatic(found: dict[str, Numbers], rows: int) -> str:
    numbers = list(found.values())
    if len(numbers) > 1:
        return (
            "labels"
            if all(not n.texts and np.isin(n.values[~np.isnan(n.values)], (0, 1)).all() for n in numbers)
            else "numbers"
        )
    if numbers[0].texts:
        return "classes"
    different = np.unique(numbers[0].values[~np.isnan(numbers[0].values)])
    whole = np.isfinite(different).all() and (different == np.round(different)).all()
    few = len(different) <= _SURE_CLASSES or rows >= _ROWS_A_CLASS * len(different)
    return "classes" if whole and few and len(different) <= min(_MOST_CLASSES, rows // 2) else "numbers"


def _note(column: str, classes: int, task: str, found: dict[str, Numbers]) -> str:
    """Whole numbers may mean either: what was chosen and how to choose the other."""
    if len(found) > 1 or found[column].texts:
        return ""
    different = np.unique(found[column].values)
    if task == "classes":
        return (
            f'"{column}" holds {classes} different whole numbers, read as classes '
            "(`task: numbers` reads numbers)"
            if classes > 2
            else ""
        )
    whole = (different == np.round(different)).all()
    return (
        f'"{column}" holds {len(different):,} different whole numbers, read as numbers '
        "(`task: classes` reads classes)"
        if whole
        else ""
    )


def _problems(table: Table, found: dict[str, Numbers], task: str, keep_na: bool) -> list[Problem]:
    problems = []
    for name, numbers in found.items():
        missing = target_holes(table.columns[name], keep=keep_na)
        if missing.any():
            cells = table.columns[name]
            marks = (
                sorted({cells[i] for i in np.flatnonzero(missing).tolist()} - {""}) if numbers.texts else []
            )
            problems.append(
                hole_problem(name, missing, table.places, target=True, mark=marks[0] if marks else "")
            )
        if task != "classes" and numbers.texts:
            if unusual := format_problem(f'the target "{name}"', table.columns[name], name):
                problems.append(replace(unusual, path="target"))
                continue
            text = f'the target "{name}" holds text ({shown(list(numbers.texts))})'
            fix = "write `task: classes`" if len(found) == 1 else "name one target, or columns of numbers"
            problems.append(Problem(text, "numbers were expected", fix, "target", code="text_target"))
        elif task == "labels" and not np.isin(numbers.values[~np.isnan(numbers.values)], (0, 1)).all():
            text = f'the target "{name}" holds other values than 0 and 1'
            problems.append(
                Problem(text, "0 or 1 was expected", "write `task: numbers`", "task", code="labels")
            )
    if task == "classes" and len(found) > 1:
        text, fix = (
            f"task: classes with {len(found)} targets ({', '.join(found)})",
            "name one column, or write `task: labels`",
        )
        problems.append(Problem(text, "one target was expected", fix, "task", code="several_targets"))
    return problems
