"""New tables and arrays for a trained net, checked against the run's data.json."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DataError, Problem
from ..raw import Array
from ..readers.arrays import turned, with_channel
from ..readers.cells import read_numbers, shown, target_holes
from ..readers.csv_data import unknown_column
from ..readers.csv_file import Table
from ..readers.labels import known_class
from ..readers.npz import names_in, read_npz
from ..readers.table_format import described_format
from ..readers.table_inputs import Column, columns_of, encode_table


def in_run_format(described: Mapping[str, Any], table: Table) -> Table:
    """The table with its numbers and dates read as those of the run. Raises `DataError`."""
    form = described_format(described["inputs"])
    missing = [
        unknown_column(name, list(table.columns), "") for name in form.dates if name not in table.columns
    ]
    DataError.raise_if_any(missing)
    return form.apply(table)


def rows_of_table(described: Mapping[str, Any], table: Table, unknown: Callable[[str], None] | None) -> Array:
    """The inputs (rows, features) of a table, NaN where cells are empty. Raises `DataError`.

    unknown: as in `encode_table`.
    """
    if len(described["in_shape"]) != 1:
        shape = "x".join(str(n) for n in described["in_shape"])
        raise DataError(
            Problem("a table", f"expected images of {shape}, as the run was trained on", code="data_shape")
        )
    columns = _columns(described, table)
    missing = [
        unknown_column(c.name, list(table.columns), "") for c in columns if c.name not in table.columns
    ]
    DataError.raise_if_any(missing)
    return encode_table(table, columns, unknown)


def _columns(described: Mapping[str, Any], table: Table) -> list[Column]:
    """The columns of the run's table; else its features by name; if they have no names, all columns."""
    if "columns" in described["inputs"]:
        return columns_of(described["inputs"]["columns"])
    if described["columns"]:
        return [Column(name) for name in described["columns"]]
    features = described["in_shape"][0]
    if len(table.columns) != features:
        text = f"{len(table.columns)} columns, and the run's features have no names"
        raise DataError(
            Problem(text, f"expected {features} columns of inputs and no others", code="data_shape")
        )
    return [Column(name) for name in table.columns]


def targets_of_table(described: Mapping[str, Any], table: Table) -> Array | None:
    """The targets if the table has all their columns without an empty cell, else None.

    Raises `DataError`.
    """
    names = described["inputs"].get("targets", [])
    if not names or any(name not in table.columns for name in names):
        return None
    cells = [table.columns[name] for name in names]
    empty = any(target_holes(column).any() for column in cells)  # rows to predict rather than to measure
    if described["target"] == "index":
        return None if empty else encode_targets(described, np.array(list(cells[0])), len(table))
    numbers = [read_numbers(column) for column in cells]
    for name, found in zip(names, numbers, strict=True):
        if found.texts:
            what = f"holds text ({shown(list(found.texts))})"
            fix = "correct them, or remove the column to predict without targets"
            raise DataError(
                Problem(f'the target "{name}" {what}', "numbers were expected", fix, code="text_target")
            )
    if empty:
        return None
    return encode_targets(described, np.column_stack([found.values for found in numbers]), len(table))


def read_archive(described: Mapping[str, Any], path: Path) -> tuple[Array, Array | None]:
    """Inputs and, if there are any, targets of an .npz archive, by the names that the run used."""
    names = names_in(path)
    x, y = described["inputs"].get("x", "x"), described["inputs"].get("y", "y")
    if described["inputs"].get("reader") != "npz" and x not in names and len(names) == 1:
        x = names[0]  # a single array can only be the inputs
    arrays = read_npz(path, {"x": x, **({"y": y} if y in names else {})})
    inputs = check_array(described, with_channel(arrays["x"]))
    return inputs, encode_targets(described, arrays["y"], len(inputs)) if "y" in arrays else None


def check_array(described: Mapping[str, Any], inputs: Array) -> Array:
    """An array of inputs as it is, one row where it is a single one without the axis of rows.

    Raises `DataError`.
    """
    shape = tuple(described["in_shape"])
    if inputs.shape == shape:
        inputs = inputs[None]
    if described["inputs"].get("channels") == "last" and inputs.shape[3:] + inputs.shape[1:3] == shape:
        inputs = turned(inputs)
    if inputs.shape[1:] != shape:
        text, expected = (
            f"inputs of shape {inputs.shape}",
            f"expected (rows, {', '.join(str(n) for n in shape)})",
        )
        columns = described["columns"]
        fix = (
            f"the features are {', '.join(columns[:8])}{', ...' if len(columns) > 8 else ''}"
            if columns
            else ""
        )
        raise DataError(Problem(text, expected, fix, code="data_shape"))
    if inputs.dtype.kind == "b":
        inputs = inputs.astype(np.uint8)
    if inputs.dtype.kind == "O":
        try:
            inputs = inputs.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(
                Problem(f"inputs that are no numbers ({error})", "expected numbers", code="data_type")
            ) from None
    if inputs.dtype.kind not in "uif":
        raise DataError(
            Problem(f"inputs of type {inputs.dtype}", "expected whole numbers or floats", code="data_type")
        )
    return inputs


def encode_targets(described: Mapping[str, Any], targets: Array, rows: int) -> Array:
    """Class numbers (rows,) from class names, or numbers (rows, k) as they are.

    Raises `DataError` for unknown classes and shapes.
    """
    names = described["names"]
    if len(targets) != rows:
        raise DataError(
            Problem(
                f"{rows:,} rows of inputs and {len(targets):,} targets",
                "expected one a row",
                code="data_shape",
            )
        )
    if described["target"] != "index":
        numbers = targets.reshape(rows, -1)
        if numbers.shape[1] != len(names) or numbers.dtype.kind not in "uifb":
            text = f"targets of shape {targets.shape} and type {targets.dtype}"
            raise DataError(
                Problem(
                    text, f"expected {len(names)} numbers a row ({', '.join(names[:5])})", code="data_shape"
                )
            )
        return numbers
    labels = [str(label) for label in targets.reshape(-1).tolist()]
    number = {label: known_class(label, names) for label in dict.fromkeys(labels)}
    foreign = [label for label, known in number.items() if known is None]
    if foreign or len(labels) != rows:
        with_class = f" with the class {shown(foreign)}" if foreign else ""
        text = f"targets of shape {targets.shape}{with_class}"
        raise DataError(
            Problem(text, f"expected classes of the run: {', '.join(names[:12])}", code="unknown_class")
        )
    return np.array([number[label] for label in labels], dtype=np.int64)
