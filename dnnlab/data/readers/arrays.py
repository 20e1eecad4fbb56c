"""From arrays in memory to a `RawDataset`: what the targets mean is read from their type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...errors import DataError, Problem
from ..raw import Array, Pair, RawDataset
from .labels import class_labels, class_names, known_class, label_note

_KEYS = {
    "X": "x",
    "y": "y",
    "test X": "test_x",
    "test y": "test_y",
}  # what an array is called in Python, and in a config


def from_arrays(inputs: Any, targets: Any, test: tuple[Any, Any] | None = None) -> RawDataset:
    """A data set from (X, y), and from a test part where there is one.

    X: numbers of shape (n, features) or (n, channels, height, width); anything that numpy reads (lists, data
    frames). y decides the task: whole numbers, texts or booleans, one a row: classes (sorted, numbered from
    0); a matrix of 0 and 1 with more than one column: several labels at once; floats, one or several columns:
    real numbers. A column (n, 1) is read like (n,). Raises `DataError` naming what was received.
    """
    try:
        return from_files(inputs, targets, test)
    except DataError as error:  # arrays of Python stand at no key
        raise error.located(
            replace(p, path="") if p.path in _KEYS.values() else p for p in error.problems
        ) from error.__cause__


def from_files(inputs: Any, targets: Any, test: tuple[Any, Any] | None = None) -> RawDataset:
    """The same of arrays that the keys x, y, test_x and test_y name: problems have the path of the key."""
    x = _inputs(inputs, "X")
    features = tuple(str(c) for c in inputs.columns) if x.ndim == 2 and hasattr(inputs, "columns") else ()
    y, test_y = _array(targets, "y"), None
    target = _target(y)
    _same_length(x, y, "X", "y")
    test_x = None
    if test is not None:
        test_x, test_y = _inputs(test[0], "test X"), _array(test[1], "test y")
        _same_length(test_x, test_y, "test X", "test y")
        if test_x.shape[1:] != x.shape[1:]:
            raise _problem(
                "test X",
                f"test X of shape {test_x.shape}",
                f"expected {x.shape[1:]} a row, as in X",
                "give both the same form",
            )
    read = {"index": _classes, "multi": _labels, "real": _numbers}[target]
    names, y, test_y, note = read(y, test_y)
    own_test: Pair | None = None if test_x is None or test_y is None else (test_x, test_y)
    is_real = target == "real"
    return RawDataset(
        (x, y), None, own_test, target, () if is_real else names, names if is_real else (), features, note
    )


def with_channel(inputs: Array) -> Array:
    """(rows, height, width) as images of one channel; anything else as it is."""
    return inputs[:, None] if inputs.ndim == 3 else inputs


def _inputs(values: Any, name: str) -> Array:
    array = _array(values, name)
    if array.dtype.kind == "O":
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise _problem(
                name,
                f"{name} holds values that are no numbers ({error})",
                "expected numbers",
                "encode texts as numbers first",
            ) from None
    if array.dtype.kind == "b":
        array = array.view(np.uint8)
    if array.dtype.kind not in "uif":
        raise _problem(
            name, f"{name} holds {array.dtype}", "expected numbers", "encode texts as numbers first"
        )
    if array.ndim not in (2, 4):
        fix = {1: f"write {name}.reshape(-1, 1) for one feature", 3: f"write {name}[:, None] for grey images"}
        expected = "expected (rows, features) or (rows, channels, height, width)"
        flat = f"write {name}.reshape(len({name}), -1) for a table"
        raise _problem(name, f"{name} of shape {array.shape}", expected, fix.get(array.ndim, flat))
    return array


def _array(values: Any, name: str) -> Array:
    try:
        array = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise _problem(
            name,
            f"{name} cannot be read as an array ({error})",
            "expected rows of equal length",
            "pass a numpy array",
        ) from None
    if array.ndim == 0:
        raise _problem(
            name,
            f"{name} is one value ({type(values).__name__})",
            "expected one row or more",
            "pass a numpy array",
        )
    if len(array) == 0:
        raise _problem(name, f"{name} has no rows", "expected at least 1")
    if array.dtype.kind == "O" and all(isinstance(v, str) for v in array.flat):
        array = array.astype(str)
    return array


def _target(y: Array) -> str:
    columns = 1 if y.ndim == 1 else y.shape[1] if y.ndim == 2 else 0
    if columns == 0:
        raise _problem(
            "y", f"y of shape {y.shape}", "expected (rows,) or (rows, columns)", "write y.reshape(len(y), -1)"
        )
    if columns > 1 and y.dtype.kind in "uifb" and np.isin(y, (0, 1)).all():
        return "multi"
    if y.dtype.kind == "f":
        return "real"
    if columns > 1:
        fix = "pass floats for numbers, or one column of class numbers"
        raise _problem(
            "y",
            f"y of shape {y.shape} and type {y.dtype}",
            "expected one column of classes, or a matrix of only 0 and 1",
            fix,
        )
    if y.dtype.kind not in "uibU":
        found = "values of mixed or unknown types" if y.dtype.kind == "O" else str(y.dtype)
        raise _problem(
            "y",
            f"y holds {found}",
            "expected whole numbers, texts or booleans (classes) or floats (real numbers)",
            "convert it first",
        )
    return "index"


def _classes(y: Array, test_y: Array | None) -> tuple[tuple[str, ...], Array, Array | None, str]:
    if y.dtype.kind == "U":
        return _text_classes(y, test_y)
    known, numbers = np.unique(y.reshape(-1), return_inverse=True)
    many = y.dtype.kind in "ui" and len(known) > max(20, len(y) // 4)
    note = (
        f"y holds {len(known):,} different whole numbers, read as classes; floats are read as numbers"
        if many
        else ""
    )
    if test_y is not None:
        _refuse_foreign(test_y, np.setdiff1d(test_y, known).tolist())
        test_y = np.searchsorted(known, test_y.reshape(-1)).astype(np.int64)
    return tuple(str(v) for v in known), numbers.reshape(-1).astype(np.int64), test_y, note


def _text_classes(y: Array, test_y: Array | None) -> tuple[tuple[str, ...], Array, Array | None, str]:
    different, codes = np.unique(y.reshape(-1), return_inverse=True)
    texts = [str(text) for text in different]
    labels, names = class_labels(texts), class_names(texts)
    number = {name: i for i, name in enumerate(names)}
    values = np.array([number[labels[text]] for text in texts], dtype=np.int64)[codes.reshape(-1)]
    if test_y is not None:
        found = [known_class(str(text), names) for text in test_y.reshape(-1)]
        _refuse_foreign(
            test_y, [t for t, known in zip(test_y.reshape(-1), found, strict=True) if known is None]
        )
        test_y = np.array(found, dtype=np.int64)
    return names, values, test_y, label_note("y", texts)


def _refuse_foreign(test_y: Array, foreign: Sequence[Any]) -> None:
    """Raise `DataError` for classes that only the test part has, and for several columns of them."""
    if len(foreign) or test_y.size != len(test_y):
        shown = ", ".join(str(v) for v in list(dict.fromkeys(foreign))[:5]) or "several columns"
        fix = "leave such rows out, or let some of them train"
        text = f"test y of shape {test_y.shape} with {shown}"
        raise _problem("test y", text, "expected the classes of the training part", fix)


def _labels(y: Array, test_y: Array | None) -> tuple[tuple[str, ...], Array, Array | None, str]:
    one_hot = len(y) > 0 and (y.sum(axis=1) == 1).all()
    note = "every row of y has one label: if these are classes, pass y.argmax(axis=1)" if one_hot else ""
    names = tuple(f"label{i}" for i in range(y.shape[1]))
    return names, y.astype(np.uint8), test_y, note


def _numbers(y: Array, test_y: Array | None) -> tuple[tuple[str, ...], Array, Array | None, str]:
    y = y.reshape(len(y), -1)
    names = ("target",) if y.shape[1] == 1 else tuple(f"target{i}" for i in range(y.shape[1]))
    if test_y is not None and test_y.dtype.kind in "uif":
        test_y = test_y.reshape(len(test_y), -1).astype(y.dtype)
    return names, y, test_y, ""


def _same_length(x: Array, y: Array, x_name: str, y_name: str) -> None:
    if len(x) != len(y):
        text = f"{x_name} has {len(x):,} rows and {y_name} has {len(y):,}"
        raise _problem(y_name, text, "expected one target a row", "take both from the same rows")


def _problem(name: str, received: str, expected: str, fix: str = "") -> DataError:
    return DataError(Problem(received, expected, fix, _KEYS[name], code="arrays"))
