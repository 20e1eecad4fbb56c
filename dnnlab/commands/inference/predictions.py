"""A table of predictions, and writing it as CSV, JSON or .npz. No torch."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import Problem, UsageError
from ...rundir import write_new
from ...rundir.atomic import storing
from .decode import CLASSES, LABELS, NUMBERS, RECONSTRUCTION, Array

FORMATS = ("csv", "json", "npz")


@dataclass(frozen=True, eq=False)
class Predictions:
    """The predictions of a net, a row for each input, in the order of the inputs."""

    task: str
    """classes, labels, numbers or reconstruction."""
    names: tuple[str, ...]
    """The names of the classes, labels, targets or input columns."""
    values: Array
    """(rows, names): probabilities, scores (if `probabilities` is false), or numbers in their own units."""
    probabilities: bool = True
    """Whether the values are probabilities."""
    answer: Array | None = None
    """Class numbers (rows,), booleans (rows, labels), or the errors of the reconstructions (rows,)."""
    inputs: tuple[str, ...] = ()
    """The names of the images; () for rows without names."""
    shape: tuple[int, ...] = ()
    """The shape of one reconstruction."""
    run: str = ""
    """The run whose net was used."""
    weights: str = "best"
    """The weights that were used: best, last or an average."""
    epoch: int = 0
    """The epoch of the weights."""
    notes: tuple[str, ...] = ()
    """Sentences for the user."""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def classes(self) -> list[str]:
        """The predicted class of each row, by name; [] for other tasks."""
        return (
            [self.names[int(i)] for i in self.answer]
            if self.task == CLASSES and self.answer is not None
            else []
        )

    @property
    def labels(self) -> list[tuple[str, ...]]:
        """The predicted labels of each row (those above one half), by name; [] for other tasks."""
        if self.task != LABELS or self.answer is None:
            return []
        return [tuple(name for name, yes in zip(self.names, row, strict=True) if yes) for row in self.answer]

    def __repr__(self) -> str:
        return (
            f"Predictions({len(self)} rows, {self.task}: "
            f"{', '.join(self.names[:5])}{', ...' if len(self.names) > 5 else ''})"
        )

    def counts(self) -> list[tuple[str, int]]:
        """How many rows each class or label was predicted for, the most frequent first."""
        found = (
            Counter(self.classes)
            if self.task == CLASSES
            else Counter(name for row in self.labels for name in row)
        )
        return (
            [(name, found[name]) for name in sorted(self.names, key=lambda name: -found[name])]
            if found
            else []
        )

    def columns(self) -> list[str]:
        """The header of the table."""
        first = {CLASSES: ["class"], LABELS: ["labels"], NUMBERS: [], RECONSTRUCTION: ["rmse"]}[self.task]
        before = ("p_" if self.probabilities else "score_") if self.task in (CLASSES, LABELS) else ""
        return [*(["image"] if self.inputs else []), *first, *(before + name for name in self.names)]

    def rows(self) -> list[list[str]]:
        """The table as texts, one row an input."""
        table: list[list[str]] = []
        answers = self.classes or [";".join(row) for row in self.labels] or self._errors()
        for i, values in enumerate(self.values):
            named = [self.inputs[i]] if self.inputs else []
            table.append(
                [*named, *([answers[i]] if answers else []), *(self._number(value) for value in values)]
            )
        return table

    def records(self) -> list[dict[str, Any]]:
        """The rows for JSON."""
        classes, labels, errors = self.classes, self.labels, self._errors()
        found = []
        for i, values in enumerate(self.values):
            record: dict[str, Any] = {"image": self.inputs[i]} if self.inputs else {}
            record |= {"class": classes[i]} if classes else {"labels": list(labels[i])} if labels else {}
            record |= {"rmse": float(errors[i])} if errors else {}
            word = (
                "values"
                if self.task in (NUMBERS, RECONSTRUCTION)
                else "probabilities"
                if self.probabilities
                else "scores"
            )
            found.append(
                {**record, word: {n: float(self._number(v)) for n, v in zip(self.names, values, strict=True)}}
            )
        return found

    def arrays(self) -> dict[str, Array]:
        """The arrays of the .npz form."""
        word = (
            "values"
            if self.task in (NUMBERS, RECONSTRUCTION)
            else "probabilities"
            if self.probabilities
            else "scores"
        )
        arrays = {
            word: self.values.reshape(len(self), *self.shape) if self.shape else self.values,
            "names": texts(self.names),
        }
        if self.task == RECONSTRUCTION and self.answer is not None:
            arrays["rmse"] = self.answer
        elif self.answer is not None:
            arrays |= {"classes": texts(self.classes)} if self.task == CLASSES else {"labels": self.answer}
        return arrays | ({"inputs": texts(self.inputs)} if self.inputs else {})

    def _errors(self) -> list[str]:
        return (
            [self._number(error) for error in self.answer]
            if self.task == RECONSTRUCTION and self.answer is not None
            else []
        )

    def _number(self, value: float) -> str:
        # The net computes in float32: more digits than these would be invented.
        return str(np.float32(value)) if self.task in (CLASSES, LABELS) else f"{value:.9g}"


def texts(names: Sequence[str]) -> Array:
    """Texts as an array that needs no pickle."""
    return np.array(list(names), dtype=str)


def content(found: Predictions, form: str) -> bytes:
    """The predictions as a file of that form: csv, json or npz."""
    if form == "npz":
        buffer = io.BytesIO()
        np.savez(buffer, **found.arrays())  # type: ignore[arg-type]  # NumPy's stub takes the names for allow_pickle
        return buffer.getvalue()
    return text(found, form).encode("utf-8", "backslashreplace")


def text(found: Predictions, form: str) -> str:
    """The predictions as CSV (with a header line) or as JSON (a list of objects)."""
    if form == "json":
        rows = ",\n ".join(json.dumps(record, ensure_ascii=False) for record in found.records())
        return f"[\n {rows}\n]\n"
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([found.columns(), *found.rows()])
    return buffer.getvalue()


def choose_form(word: str | None, out: Path | None) -> str:
    """The form of the output: what was asked for, else what the file's name says, else csv.

    Raises `UsageError`.
    """
    suffix = out.suffix.lower().removeprefix(".") if out is not None else ""
    form = word if word is not None else suffix if suffix in FORMATS else "csv"
    if form not in FORMATS:
        raise UsageError(
            Problem(f"received --format {form}", f"expected one of {', '.join(FORMATS)}", code="format")
        )
    if form == "npz" and out is None:
        raise UsageError(
            Problem(
                "npz is no text, so it cannot be shown",
                "expected a file for it",
                "--out predictions.npz",
                code="format",
            )
        )
    return form


def check_free(out: Path) -> None:
    """Raise `UsageError` if the file exists or if its folder is missing.

    This is checked before the work, not after it.
    """
    if out.exists() or out.is_symlink():
        raise taken(out)
    if not out.parent.is_dir():
        text = f"--out {out}: there is no folder {out.parent}"
        raise UsageError(Problem(text, "expected a folder", f"`mkdir -p {out.parent}`", code="no_folder"))


def write(out: Path, data: bytes) -> None:
    """Write a new file, whole or not at all.

    Raises `UsageError` if one has come meanwhile, `StorageError`.
    """
    with storing(out):
        try:
            write_new(out, data)
        except FileExistsError:
            raise taken(out) from None


def taken(out: Path) -> UsageError:
    """The error for a name that is taken."""
    other = next(name for i in range(2, 10_000) if not (name := out.with_stem(f"{out.stem}-{i}")).exists())
    return UsageError(
        Problem(
            f"{out} exists already and is not overwritten",
            "expected a new name",
            f"--out {other}",
            code="exists",
        )
    )
