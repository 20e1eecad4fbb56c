"""`RawDataset`: what a reader returns, plain numpy arrays, neither split nor scaled. No torch here."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..errors import DataError, Problem
from ..surrogates import joined
from .places import Places

Array = np.ndarray
Pair = tuple[Array, Array]
_HASH_BYTES = 1 << 24


@dataclass(frozen=True, eq=False)
class RawDataset:
    """A data set as a reader returns it: neither split nor scaled.

    Inputs are (n, features) or (n, channels, height, width) of any integer or float type; uint8 stays uint8,
    which saves memory. Raises `DataError` if the arrays contradict the fields.
    """

    train: Pair
    """(inputs, targets) of the training part."""
    validation: Pair | None = None
    """The set's own validation part, if it has one."""
    test: Pair | None = None
    """The set's own test part, if it has one."""
    target: str = "index"
    """Kind of the targets.

    "index": (n,) int64 class numbers; "multi": (n, labels) of 0 and 1; "real": (n, targets) floats.
    """
    class_names: tuple[str, ...] = ()
    """One name a class or label."""
    target_names: tuple[str, ...] = ()
    """One name a real target."""
    feature_names: tuple[str, ...] = ()
    """One name a column, or empty."""
    places: Places | None = None
    """Where the rows of the training part stand in the file, if they come from a table."""
    note: str = ""
    """A note for the screen and data.json."""
    fill: str = ""
    """"mean", "median" or "zero": what NaN among the inputs becomes after the split; "": an error."""
    indicators: tuple[int, ...] = ()
    """Columns of 0 and 1 (one-hot) that scaling leaves alone."""
    encoding: Mapping[str, Any] = field(default_factory=dict)
    """How to read new inputs in the same way, as plain JSON (see `data/new_inputs`)."""

    def __post_init__(self) -> None:
        if self.target not in ("index", "multi", "real"):
            raise DataError(
                Problem(
                    f"target kind {self.target!r}",
                    "expected index, multi or real",
                    path="data",
                    code="data_range",
                )
            )
        shape = self.train[0].shape[1:]
        problems = _name_problems((*self.names, *self.feature_names))
        problems += _repeated("features", self.feature_names)
        problems += [
            p
            for part, (x, y) in self.parts().items()
            for p in (*_input_problems(part, x, shape), *_target_problems(self, part, x, y))
        ]
        if self.feature_names and self.feature_names_expected != len(self.feature_names):
            text = f"{len(self.feature_names)} feature names for {self.feature_names_expected} features"
            problems.append(Problem(text, "expected one name a feature", path="data", code="data_shape"))
        DataError.raise_if_any(problems)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes, labels or targets."""
        return self.target_names if self.target == "real" else self.class_names

    @property
    def feature_names_expected(self) -> int:
        """How many columns the inputs have."""
        return int(np.prod(self.train[0].shape[1:]))

    def parts(self) -> dict[str, Pair]:
        """The parts that are there, by name, the training part first."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: pair for name, pair in parts.items() if pair is not None}

    def with_parts(self, parts: Mapping[str, Pair]) -> RawDataset:
        """The same set with other rows, by part."""
        return replace(self, train=parts["train"], validation=parts.get("validation"), test=parts.get("test"))

    def fingerprint(self) -> str:
        """The sha256 of target kind, shapes, types and bytes: equal exactly if the data are equal."""
        digest = hashlib.sha256(f"{self.target} {self.names!r}".encode())
        for name, pair in self.parts().items():
            for array in pair:
                digest.update(f"{name} {array.shape} {array.dtype.str}".encode())
                rows = max(1, _HASH_BYTES * len(array) // max(1, array.nbytes))
                for start in range(0, len(array), rows):
                    digest.update(np.ascontiguousarray(array[start : start + rows]).data.cast("B"))
        return digest.hexdigest()


def _name_problems(names: Sequence[str]) -> list[Problem]:
    half = [name for name in names if joined(name) is None]
    if not half:
        return []
    text = f"the name {half[0]!r} holds half a character (a lone surrogate)"
    return [Problem(text, "expected whole characters", "correct it", path="data", code="encoding")]


def _repeated(what: str, names: Sequence[str]) -> list[Problem]:
    if len(set(names)) == len(names):
        return []
    twice = next(name for name, count in Counter(names).items() if count > 1)
    text = f'{names.count(twice)} {what} are called "{twice}"'
    fix = "rename a column or a category, or drop one"
    return [Problem(text, "expected names that differ", fix, path="data", code="duplicate_column")]


def _input_problems(part: str, inputs: Array, shape: tuple[int, ...]) -> list[Problem]:
    problems = []
    if inputs.ndim not in (2, 4) or 0 in inputs.shape[1:]:
        expected = "expected (rows, features) for tables or (rows, channels, height, width) for images"
        problems.append(
            Problem(f"{part} inputs of shape {inputs.shape}", expected, path="data", code="data_shape")
        )
    elif inputs.shape[1:] != shape:
        text = f"{part} inputs of shape {inputs.shape}"
        problems.append(Problem(text, f"the training part has {shape} a row", path="data", code="data_shape"))
    if inputs.dtype.kind not in "uif":
        text = f"{part} inputs of type {inputs.dtype}"
        problems.append(
            Problem(
                text,
                "expected whole numbers or floats",
                "convert them to numbers first",
                path="data",
                code="data_type",
            )
        )
    return problems


def _target_problems(raw: RawDataset, part: str, inputs: Array, targets: Array) -> list[Problem]:
    def problem(received: str, expected: str, code: str) -> list[Problem]:
        return [Problem(f"{part}: {received}", f"expected {expected}", path="data", code=code)]

    if len(inputs) != len(targets):
        return problem(
            f"{len(inputs):,} rows of inputs and {len(targets):,} of targets",
            "one target a row",
            "data_shape",
        )
    shape = targets.shape if raw.target == "index" else (len(targets), len(raw.names))
    if targets.shape != shape or (raw.target == "index" and targets.ndim != 1):
        wanted = "(rows,)" if raw.target == "index" else f"(rows, {len(raw.names)}), one column a name"
        return problem(f"{raw.target} targets of shape {targets.shape}", wanted, "data_shape")
    kinds = {"index": "i", "multi": "uifb", "real": "f"}[raw.target]
    if targets.dtype.kind not in kinds or (raw.target == "index" and targets.dtype.itemsize != 8):
        wanted = {"index": "int64", "multi": "0 and 1", "real": "floats"}[raw.target]
        return problem(f"{raw.target} targets of type {targets.dtype}", wanted, "data_type")
    if raw.target == "index" and len(targets) and not (targets.min() >= 0 and targets.max() < len(raw.names)):
        found = f"class numbers from {targets.min()} to {targets.max()}"
        return problem(
            found,
            f"numbers from 0 to {len(raw.names) - 1}, one for each of the {len(raw.names)} class names",
            "data_range",
        )
    if raw.target == "multi" and not np.isin(targets, (0, 1)).all():
        return problem("labels other than 0 and 1", "0 (absent) or 1 (present)", "data_range")
    return []
