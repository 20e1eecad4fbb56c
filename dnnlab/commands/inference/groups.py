"""`evaluate --by COLUMN`: the scores of the rows that have the same value in a column of the run's table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...data.locate import find_data
from ...data.new_inputs.encode import table_of
from ...data.prepare.prepared_data import Prepared
from ...data.readers.cells import coded
from ...data.readers.csv_data import unknown_column
from ...data.readers.labels import class_labels, class_names
from ...data.readers.table_inputs import NO_VALUE
from ...errors import DataError, Problem, UsageError
from .model import Model
from .scores import Scores

FEW_ROWS = 30
"""A group of fewer rows says little: the interval of its accuracy is about a third wide."""
MOST_GROUPS = 100


def groups_of(model: Model, data: Prepared, split: str, column: str) -> list[tuple[str, np.ndarray]]:
    """(value, its rows of the part) for each value of a column, in the order of classes.

    Values are texts by the rule of classes: 007 stays 007, 7.0 is 7, True and TRUE are one.
    Raises `UsageError` for a run without a table, `DataError` for a column that is not in it or that has too
    many values.
    """
    if data.places is None or split not in data.split:
        text = f"--by {column}: the run was trained on {data.name}, whose rows have no columns by name"
        expected = "expected a run of a table (CSV, Parquet)"
        raise UsageError(Problem(text, expected, "leave --by out", code="usage"))
    config = model.config
    path = find_data(config.folder_of("data.path"), config.experiment.data.keys["path"], "data.path")
    table = table_of(model.described, path)
    if column not in table.columns:
        raise DataError(unknown_column(column, list(table.columns), "--by"))
    rows = np.asarray(data.places.rows)[data.split[split]] - 1
    texts, codes = _texts(table.columns, column)
    labels, present = class_labels(texts), [texts[code] for code in np.unique(codes[rows])]
    names = class_names(present)
    if len(names) > MOST_GROUPS:
        text = f'column "{column}" has {len(names):,} different values in the {split} part'
        fix = "name a column of few values, such as a place or a device"
        raise DataError(Problem(text, f"expected at most {MOST_GROUPS}", fix, "--by", code="too_large"))
    number = {name: i for i, name in enumerate(names)}
    group = np.array([number.get(labels[text], -1) for text in texts], dtype=np.int64)[codes[rows]]
    return [(name or NO_VALUE, np.flatnonzero(group == i)) for i, name in enumerate(names)]


def _texts(columns: Any, column: str) -> tuple[tuple[str, ...], np.ndarray]:
    try:
        return coded(columns[column])
    except DataError as error:  # the type of a Parquet column; it needs no `drop` here
        problems = [replace(p, path="--by", fix="name another column") for p in error.problems]
        raise error.located(problems) from None


def group_scores(
    groups: list[tuple[str, np.ndarray]], score: Callable[[np.ndarray], Scores]
) -> list[dict[str, Any]]:
    """`{name, rows, metrics, intervals}` of each group. score: gives the scores of some rows."""
    found = []
    for name, rows in groups:
        scores = score(rows).json()
        kept = {key: scores.get(key, {}) for key in ("metrics", "intervals")}
        found.append({"name": name, "rows": len(rows), **kept})
    return found
