"""From arrays in memory to a `RawDataset`: what the targets mean is read from their type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ConfigError, DataError, Problem
from ..locate import find_data
from ..raw import Array, Pair, RawDataset
from .labels import class_numbers, known_class, label_note

_CHANNELS = (1, 3, 4)  # grey, red, green and blue, and with transparency
_FEW_VALUES = 20
_KEY_ADVICE = re.compile(r" \(`(?:task|channels): [^)]*\)")
_KEYS = {
    "X": "x",
    "y": "y",
    "test X": "test_x",
    "test y": "test_y",
}  # what an array is called in Python, and in a config


def from_arrays(inputs: Any, targets: Any, test: tuple[Any, Any] | None = None) -> RawDataset:
    """A data set from (X, y), and from a test part where there is one.

    X: numbers of shape (n, features) or (n, channels, height, width); anything that numpy reads (lists,
    data frames). y decides the task: whole numbers, texts or booleans, one a row: classes (sorted, numbered
    from 0); a matrix of 0 and 1 with more than one column: several labels at once; floats, one or several
    columns: real numbers, but only 0.0 and 1.0 are two classes. Images with their channels last are turned.
    A column (n, 1) is read like (n,). Raises `DataError` naming what was received.
    """
    try:
        raw = from_files(inputs, targets, test)
        return replace(raw, note=_KEY_ADVICE.sub("", raw.note))  # arrays of Python have no such keys
    except DataError as error:  # arrays of Python stand at no key
        raise error.located(
            replace(p, path="") if p.path in _KEYS.values() else p for p in error.problems
        ) from error.__cause__


def from_files(
    inputs: Any,
    targets: Any,
    test: tuple[Any, Any] | None = None,
    *,
    task: str = "auto",
    channels: str = "auto",
) -> RawDataset:
    """The same of arrays that the keys x, y, test_x and test_y name: problems have the path of the key.

    task: "auto", "classes" or "numbers". channels: where images have them, "auto", "first" or "last".
    """
    x = _inputs(inputs, "X")
    last = channels == "last" or (channels == "auto" and channels_look_last(x.shape))
    if channels == "last" and x.ndim != 4:
        raise _problem("X", f"channels: last with X of shape {x.shape}", "expected images", "remove the key")
    features = tuple(str(c) for c in inputs.columns) if x.ndim == 2 and hasattr(inputs, "columns") else ()
    y, test_y = _array(targets, "y"), None
    target, note = _target(y, task)
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
    names, y, test_y, words = read(y, test_y)
    notes = [_turned_note(x.shape)] if last and channels == "auto" else []
    own_test: Pair | None = None
    if test_x is not None and test_y is not None:
        own_test = (turned(test_x) if last else test_x, test_y)
    return RawDataset(
        (turned(x) if last else x, y),
        test=own_test,
        target=target,
        class_names=() if target == "real" else names,
        target_names=names if target == "real" else (),
        feature_names=features,
        note="; ".join(text for text in (*notes, note, words) if text),
        encoding={"channels": "last"} if last else {},
    )


def channels_look_last(shape: Sequence[int]) -> bool:
    """Whether the shape is (rows, height, width, channels), as Keras, Pillow and matplotlib have it."""
    if len(shape) != 4 or shape[3] not in _CHANNELS or shape[1] in _CHANNELS:
        return False
    return shape[1] > shape[3] and shape[2] > shape[3]


def turned(images: Array) -> Array:
    """Images (rows, height, width, channels) with the channels first, without a copy."""
    return images.transpose(0, 3, 1, 2)


def _turned_note(shape: Sequence[int]) -> str:
    """What the user should know of images whose channels were found last."""
    height, width, channels = shape[1:]
    found = f"x has its {channels} channel{'s' * (channels > 1)} last ({height}x{width}x{channels})"
    return f"{found}: they are put first (`channels: first` leaves them)"


def read_files(
    folder: Path,
    paths: Mapping[str, str | None],
    read: Callable[[Path, str], Array],
    task: str,
    channels: str,
) -> RawDataset:
    """The data set of files of one array each; read(path, key) gives it. Paths are relative to `folder`."""
    given = given_arrays(paths, "PATH")
    arrays = {key: read(find_data(folder, path, key), key) for key, path in given.items()}
    return raw_of_arrays(arrays, task, channels)


def raw_of_arrays(arrays: Mapping[str, Array], task: str, channels: str) -> RawDataset:
    """The data set of the arrays x, y and, if the set has a test part, test_x and test_y."""
    test = (with_channel(arrays["test_x"]), arrays["test_y"]) if "test_x" in arrays else None
    return from_files(with_channel(arrays["x"]), arrays["y"], test, task=task, channels=channels)


def given_arrays(keys: Mapping[str, str | None], value: str) -> dict[str, str]:
    """The keys that are written. Raises `ConfigError` for one of test_x and test_y. value: NAME or PATH."""
    given = {key: written for key, written in keys.items() if written is not None}
    if ("test_x" in given) != ("test_y" in given):
        found, missing = ("test_x", "test_y") if "test_x" in given else ("test_y", "test_x")
        fix = f"add {missing}: {value}"
        raise ConfigError(
            Problem(f"{found} without {missing}", "expected both or none", fix, missing, code="missing_key")
        )
    return given


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


def _target(y: Array, task: str) -> tuple[str, str]:
    """The kind of the targets, and what the user should know of it."""
    columns = 1 if y.ndim == 1 else y.shape[1] if y.ndim == 2 else 0
    if columns == 0:
        raise _problem(
            "y", f"y of shape {y.shape}", "expected (rows,) or (rows, columns)", "write y.reshape(len(y), -1)"
        )
    if columns > 1 and y.dtype.kind in "uifb" and np.isin(y, (0, 1)).all():
        return "multi", ""
    if task == "numbers" and y.dtype.kind in "uif":
        return "real", ""
    if y.dtype.kind == "f":
        return _float_target(y, columns, task)
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
    return "index", ""


def _float_target(y: Array, columns: int, task: str) -> tuple[str, str]:
    """Floats are numbers, but 0.0 and 1.0 are two classes, as in a CSV file."""
    different = np.unique(y)
    whole = bool(np.isfinite(different).all() and (different == np.round(different)).all())
    if task == "classes":
        if columns > 1 or not whole:
            text = f"y of shape {y.shape} with values such as {different[0]:g}, read as classes"
            raise _problem("y", text, "expected one column of whole numbers", "write `task: numbers`")
        return "index", ""
    if columns == 1 and different.tolist() == [0, 1]:
        return "index", "y holds 0.0 and 1.0, read as two classes (`task: numbers` reads numbers)"
    if columns == 1 and whole and len(different) <= min(_FEW_VALUES, len(y) // 2):
        count = f"{len(different)} different whole numbers as floats"
        return "real", f"y holds {count}, read as numbers (`task: classes` reads classes)"
    return "real", ""


def _classes(y: Array, test_y: Array | None) -> tuple[tuple[str, ...], Array, Array | None, str]:
    if y.dtype.kind == "U":
        return _text_classes(y, test_y)
    if y.dtype.kind == "f":  # whole numbers, as `_float_target` found
        y = y.astype(np.int64)
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
    names, values = class_numbers(texts, codes.reshape(-1))
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
    y = y if y.dtype.kind == "f" else y.astype(np.float64)
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
