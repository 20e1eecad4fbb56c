"""Empty cells among the inputs are filled with numbers that only the training rows decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import DataError, Problem
from ...lazy_torch import torch
from ..raw import Array, Pair, RawDataset
from ..storage.memory_mapped import blocks, filled

_ROOM = 1 << 23  # numbers of some features that are in memory at once


@dataclass(frozen=True, eq=False)
class Filling:
    """The numbers that empty cells become."""

    method: str
    """"mean", "median" or "zero"."""
    numbers: np.ndarray
    """(features,) float64: what an empty cell of each feature becomes."""

    def apply(self, inputs: np.ndarray) -> np.ndarray:
        """The inputs (rows, features) without NaN, as a new array."""
        return np.where(np.isnan(inputs), self.numbers, inputs)

    def to_json(self) -> dict[str, Any]:
        """For data.json."""
        return {"method": self.method, "numbers": self.numbers.tolist()}

    def tensors(self) -> dict[str, torch.Tensor]:
        """For data.safetensors, float64."""
        return {"missing.numbers": torch.from_numpy(self.numbers.copy())}


def fit_filling(raw: RawDataset, rows: np.ndarray) -> Filling | None:
    """Learn the numbers from the training `rows`, as scikit-learn's SimpleImputer does.

    Also features without an empty cell get a number. None if nothing is to be filled. Raises `DataError` for
    a feature that has no value in any training row.
    training row.
    """
    if not raw.fill:
        return None
    inputs = raw.train[0]
    numbers = np.zeros(inputs.shape[1])
    if raw.fill != "zero":
        of = np.mean if raw.fill == "mean" else np.median
        for feature, values in _features(inputs, rows):
            values = values[~np.isnan(values)]
            if len(values) == 0:
                name = raw.feature_names[feature]
                text = f'"{name}" is empty in all {len(rows):,} training rows, so it has no {raw.fill}'
                fix = f"add `drop: [{name}]`, or write `missing: zero`"
                raise DataError(
                    Problem(text, "expected some values", fix, "data.missing", code="empty_column")
                )
            numbers[feature] = of(values)
    return Filling(raw.fill, numbers)


def _features(inputs: Array, rows: Array) -> Iterator[tuple[int, Array]]:
    """(number, values of the rows) of each feature; each group of features is one pass over the file."""
    count = inputs.shape[1]
    together = min(count, max(1, _ROOM // max(1, len(rows))))
    for first in range(0, count, together):
        group = np.empty((min(together, count - first), len(rows)), inputs.dtype)
        for span, block in blocks(inputs, rows):
            group[:, span] = block[:, first : first + together].T
        yield from enumerate(group, first)


def fill(raw: RawDataset, filling: Filling | None) -> tuple[RawDataset, str]:
    """The set with its empty cells filled as rows are read, and a note about them ("" for none)."""
    if filling is None:
        return raw, ""
    parts: dict[str, Pair] = {}
    counts = np.zeros(len(filling.numbers), dtype=np.int64)
    for name, (inputs, targets) in raw.parts().items():
        for _, block in blocks(inputs):
            counts += np.isnan(block).sum(axis=0)
        parts[name] = (filled(inputs, filling.numbers), targets)
    return raw.with_parts(parts), _words(filling.method, raw.feature_names, counts)


def _words(method: str, names: Sequence[str], counts: np.ndarray) -> str:
    holed = np.flatnonzero(counts).tolist()
    if not holed:
        return ""
    total = int(counts.sum())
    shown = ", ".join(f"{names[i]} {counts[i]:,}" for i in holed[:4]) + (
        f", {len(holed) - 4} more" if len(holed) > 4 else ""
    )
    how = "with 0" if method == "zero" else f"with the training part's {method}"
    return f"{total:,} empty {'cell' if total == 1 else 'cells'} filled {how} ({shown})"
