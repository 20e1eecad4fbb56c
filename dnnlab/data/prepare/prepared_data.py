"""Data ready for training (`Prepared`), and what is said and written of it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..imbalance import Imbalance, measure_imbalance
from ..places import Places
from ..storage.row_stream import Streamed
from .balance import class_weights, row_weights
from .facts import target_spread
from .imputation import Filling
from .scaling import Scaling

_WIDTH = 69  # columns of the screen that the header leaves for one line
_SPREAD_ROWS = 1000  # enough to tell tens from ones


class SplitRows(NamedTuple):
    """Rows of one part. inputs: float32, contiguous, or `Streamed` where they do not fit into memory.

    targets: index (n,) int64; multi (n, labels), real (n, targets) float32.
    """

    inputs: Tensor | Streamed
    targets: Tensor


@dataclass(frozen=True, eq=False)
class Prepared:
    """A data set split and scaled.

    target: "index", "multi" or "real". classes: number of classes or labels, 0 for real targets; names:
    theirs, or the targets'. in_shape: of one row. split: row numbers of the set's training part by part; only
    parts that were taken from it. class_counts: part -> rows of each class (of each label), empty for real
    targets. fingerprint: sha256 of the whole set, before the split. description: lines for the screen's
    header. notes: what the user should know besides (also at the description's end). target_scaling: how real
    targets were scaled, None for not at all. filling: what empty cells become. balance: "weights", "sampling"
    or None. encoding: how the inputs were read, for `build.inputs`. places: of the rows that `split` numbers,
    in the file of a table.
    """

    name: str
    target: str
    classes: int
    names: tuple[str, ...]
    feature_names: tuple[str, ...]
    in_shape: tuple[int, ...]
    train: SplitRows
    validation: SplitRows | None
    test: SplitRows | None
    scaling: Scaling
    split: dict[str, np.ndarray]
    class_counts: dict[str, list[int]]
    fingerprint: str
    description: tuple[str, ...]
    notes: tuple[str, ...] = ()
    target_scaling: Scaling | None = None
    filling: Filling | None = None
    balance: str | None = None
    encoding: Mapping[str, Any] = field(default_factory=dict)
    places: Places | None = None

    @property
    def target_width(self) -> int:
        """Columns of the targets: labels of a multi target, numbers of a real one; 1 for an index."""
        return self.train.targets[0].numel()

    @property
    def row_weights(self) -> Tensor | None:
        """What each training row counts where classes are balanced: (rows,) float32 with mean 1."""
        return (
            row_weights(self.train.targets, self.class_counts["train"]) if self.balance is not None else None
        )

    @property
    def imbalance(self) -> Imbalance | None:
        """How unevenly the training part's classes occur; None for labels and numbers."""
        return measure_imbalance(self.class_counts["train"]) if self.target == "index" else None

    def parts(self) -> dict[str, SplitRows]:
        """The parts that are there, by name."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in parts.items() if part is not None}

    def to_json(self) -> dict[str, Any]:
        """The content of data.json."""
        parts = self.parts()
        return {
            "name": self.name,
            "in_shape": list(self.in_shape),
            "target": self.target,
            "classes": self.classes,
            "names": list(self.names),
            "columns": list(self.feature_names),
            "rows": {name: len(part.inputs) for name, part in parts.items()},
            "taken_from": {name: "train" if name in self.split else name for name in parts},
            "class_counts": self.class_counts,
            "imbalance": None if self.imbalance is None else self.imbalance.ratio,
            "class_balance": None if self.imbalance is None else without_counts(self.imbalance),
            "balance": self.balance,
            "class_weights": class_weights(self.class_counts["train"]).tolist()
            if self.balance is not None
            else None,
            "inputs": dict(self.encoding),
            "missing": None if self.filling is None else self.filling.to_json(),
            "scaling": self.scaling.to_json(),
            "spread": spread_of(self.train.inputs),
            "target_spread": target_spread(self.target, self.train.targets),
            "target_scaling": None if self.target_scaling is None else self.target_scaling.to_json(),
            "fingerprint": self.fingerprint,
            "notes": list(self.notes),
        }

    def tensors(self) -> dict[str, Tensor]:
        """The content of data.safetensors: scaling and filling (float64), row numbers (int64)."""
        tensors = {**self.scaling.tensors(), **(self.filling.tensors() if self.filling is not None else {})}
        if self.target_scaling is not None:
            tensors |= self.target_scaling.tensors("target_scaling")
        return {
            **tensors,
            **{f"split.{name}": torch.from_numpy(rows.copy()) for name, rows in self.split.items()},
        }


def without_counts(measured: Imbalance) -> dict[str, Any]:
    """What data.json keeps of it beside class_counts: {ratio, entropy, majority, baseline}."""
    return {key: value for key, value in asdict(measured).items() if key != "counts"}


def spread_of(inputs: Any) -> dict[str, float]:
    """How large the inputs of the net are: data.json keeps it, and `doctor` judges by it whether to scale.

    largest: the greatest root mean square of a feature (of a channel, for images). widest, typical: the
    largest and the median deviation of those that vary. inputs: (rows, features or channels, ...), a tensor
    or `Streamed`; the first 1,000 rows are measured. Three figures each.
    """
    rows = np.nan_to_num(np.asarray(inputs[slice(0, _SPREAD_ROWS)], dtype=np.float64))
    axes = tuple(axis for axis in range(rows.ndim) if axis != 1)
    size, deviation = np.sqrt(np.square(rows).mean(axes)), rows.std(axes)
    varied = deviation[deviation > 0]
    wide, usual = (varied.max(), np.median(varied)) if varied.size else (0.0, 0.0)
    found = {"largest": size.max(), "widest": wide, "typical": usual}
    return {name: float(f"{value:.3g}") for name, value in found.items()}


def lines_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Texts in lines that fit into the screen's header."""
    return tuple(piece for text in texts for piece in textwrap.wrap(text, _WIDTH, break_on_hyphens=False))


def count_classes(target: str, classes: int, targets: Tensor) -> list[int]:
    """Rows of each class, or rows that have each label."""
    counts = torch.bincount(targets, minlength=classes) if target == "index" else (targets != 0).sum(dim=0)
    return [int(n) for n in counts]
