"""New inputs for a trained net, read and scaled exactly as the run's own data were: `encode_inputs`.

What was done to the data stands in the run's data.json and data.safetensors; nothing is learned from the new
inputs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...errors import DataError, DnnlabError, Problem
from ..locate import check_ordinary
from ..prepare.imputation import Filling
from ..prepare.scaling import scaling_of
from ..progress_notes import send_note
from ..raw import Array
from ..readers.arrays import with_channel
from ..readers.csv_dialect import names_of_run
from ..readers.csv_file import SUFFIXES as TEXT_SUFFIXES
from ..readers.csv_file import Table, from_frame, read_table
from ..readers.image_files import SUFFIXES
from ..readers.npz import read_npy
from ..readers.parquet_data import is_parquet, read_parquet
from .images import read_images
from .tables import check_array, encode_targets, in_run_format, read_archive, rows_of_table, targets_of_table

TABLES = frozenset({*TEXT_SUFFIXES, ".parquet"})
_TABLE_KEY = re.compile(r"`(?:categorical|drop|header|missing|name|separator):")
_OTHERS = frozenset({".npz", ".npy", *SUFFIXES})


def encode_inputs(
    described: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
    raw_source: Any,
    *,
    unknown: Callable[[str], None] | None = send_note,
) -> tuple[Tensor, Tensor | None]:
    """The inputs (n, *in_shape) float32 for the run's net, and the targets of the source, or None.

    described: the content of data.json. tensors: that of data.safetensors. raw_source: a path to a CSV or
    Parquet file, an .npz archive, an image or a folder of images (in the order of `image_paths`; class
    folders give targets); or arrays: X, (X, y), or a data frame. Columns are found by name, in any order;
    others are ignored. unknown: is told of categories that the run does not know, which become 0 in all
    features of their column; None refuses them. The targets are as the engine has them: class numbers (n,)
    int64, labels or numbers (n, k) float32, numbers scaled where the run scaled them (`target_scaling`).
    Raises `DataError` with everything that does not fit: missing columns, text among numbers, unknown
    categories and classes, empty cells that the run has no number for, wrong shapes, images that cannot be
    read.
    """
    if isinstance(raw_source, str | Path):
        path = Path(raw_source)
        try:
            inputs, targets = _of_path(described, path, unknown)
            inputs = _whole(described, tensors, inputs)
        except DnnlabError as error:
            raise error.located(_named(problem, path) for problem in error.problems) from None
    else:
        inputs, targets = _of_arrays(described, raw_source, unknown)
        inputs = _whole(described, tensors, inputs)
    encoded = scaling_of(described["scaling"], tensors).apply(inputs)
    if targets is None or described["target_scaling"] is None:
        kind = np.int64 if described["target"] == "index" else np.float32
        return encoded, None if targets is None else torch.from_numpy(
            np.array(targets, dtype=kind, order="C")
        )
    return encoded, scaling_of(described["target_scaling"], tensors, "target_scaling").apply(targets)


def _of_path(
    described: Mapping[str, Any], path: Path, unknown: Callable[[str], None] | None
) -> tuple[Array, Array | None]:
    if not path.exists():
        text, expected = (
            "no such file or folder",
            "expected a CSV or Parquet file, an .npz archive, an image or a folder of images",
        )
        raise DataError(Problem(text, expected, "correct the path", code="missing_files"))
    check_ordinary(path, "")
    suffix = path.suffix.lower()
    if path.is_dir() or suffix in SUFFIXES:
        return read_images(described, path)
    if suffix == ".npz":
        return read_archive(described, path)
    of_table = described["inputs"].get("reader") == "csv"  # its own file may be called anything
    if suffix in TABLES or (of_table and suffix not in _OTHERS):
        table = in_run_format(described, table_of(described, path))
        return rows_of_table(described, table, unknown), targets_of_table(described, table)
    if suffix == ".npy":
        return check_array(described, with_channel(read_npy(path, ""))), None
    known = ", ".join(sorted(TABLES | _OTHERS))
    text = f"a file of the kind {suffix or 'without a suffix'}"
    raise DataError(Problem(text, f"expected one of {known}, or a folder of images", code="kind"))


def table_of(described: Mapping[str, Any], path: Path) -> Table:
    """A CSV or Parquet file as a table of texts, read as the run's own. Raises `DataError`."""
    if path.suffix.lower() == ".parquet" or is_parquet(path):
        return read_parquet(path)
    header, separator = (described["inputs"].get(key) for key in ("header", "separator"))
    return read_table(path, names=names_of_run(header) if header else None, likely=separator)


def _of_arrays(
    described: Mapping[str, Any], source: Any, unknown: Callable[[str], None] | None
) -> tuple[Array, Array | None]:
    inputs, targets = source if isinstance(source, tuple) and len(source) == 2 else (source, None)
    if hasattr(inputs, "columns"):
        table = in_run_format(described, from_frame(inputs))
        found = rows_of_table(described, table, unknown)
        return found, targets_of_table(described, table) if targets is None else encode_targets(
            described, np.asarray(targets), len(found)
        )
    array = check_array(described, with_channel(np.asarray(inputs)))
    return array, None if targets is None else encode_targets(described, np.asarray(targets), len(array))


def _whole(described: Mapping[str, Any], tensors: Mapping[str, Tensor], inputs: Array) -> Array:
    """The inputs without empty cells.

    Raises `DataError` for cells that cannot be filled and for numbers that are not finite.
    """
    if len(inputs) == 0:
        raise DataError(Problem("no rows", "expected at least 1", code="too_few_rows"))
    if inputs.dtype.kind != "f":
        return inputs
    if described["missing"] is not None and np.isnan(inputs).any():
        inputs = Filling(described["missing"]["method"], tensors["missing.numbers"].numpy()).apply(inputs)
    elif (
        described["scaling"]["method"] == "standardize"
        and described["inputs"].get("reader") == "csv"
        and np.isnan(inputs).any()
    ):
        count = int(np.isnan(inputs).sum())
        inputs = Filling("mean", tensors["scaling.offset"].numpy()).apply(inputs)
        send_note(f"{count:,} empty {'cell' if count == 1 else 'cells'} filled with the training part's mean")
    wrong = ~np.isfinite(inputs)
    if not wrong.any():
        return inputs
    names = described["columns"]
    problems = []
    for feature in np.flatnonzero(wrong.reshape(len(inputs), inputs.shape[1], -1).any(axis=(0, 2)))[
        :5
    ].tolist():
        rows = wrong[:, feature].reshape(len(inputs), -1).any(axis=1)
        where = (
            f'"{names[feature]}"'
            if names
            else f"feature {feature}"
            if inputs.ndim == 2
            else f"channel {feature}"
        )
        many = "1 value is" if rows.sum() == 1 else f"{int(rows.sum()):,} values are"
        text = f"{many} empty or not finite in {where} (first: row {int(np.argmax(rows)) + 1})"
        fix = "fill them or leave those rows out: the run has no number for them"
        problems.append(Problem(text, "expected finite numbers", fix, code="not_finite"))
    raise DataError(*problems)


def _named(problem: Problem, path: Path) -> Problem:
    """The problem with the file in front, without the config's keys of tables, which cannot act here."""
    text = problem.received if path.name in problem.received else f"{path.name}: {problem.received}"
    fix = ", or ".join(part for part in problem.fix.split(", or ") if not _TABLE_KEY.search(part))
    return replace(problem, received=text, path="", fix=fix)
