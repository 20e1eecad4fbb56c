"""Scaling of the inputs, learned from the training part alone and written straight into the final tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...lazy_torch import torch
from ..storage.memory_mapped import blocks


@dataclass(frozen=True, eq=False)
class Scaling:
    """scaled = (x - offset) / scale, in float64, then float32.

    method: "standardize", "unit" or None. per: what has numbers of its own, "feature", "channel", "image"
    (all pixels alike) or None. offset, scale: float64, broadcast against one row: (features,), (channels, 1,
    1), (channels, height, width) or (). constant: how many features (channels) have one value in the whole
    training part; their scale is 1 and their offset that value.
    """

    method: str | None
    per: str | None
    offset: np.ndarray
    scale: np.ndarray
    constant: int = 0

    def apply(self, inputs: np.ndarray, rows: np.ndarray | None = None) -> torch.Tensor:
        """The scaled `rows` (default: all) of `inputs`, a new contiguous float32 tensor, block by block."""
        count = len(inputs) if rows is None else len(rows)
        result = torch.empty((count, *inputs.shape[1:]), dtype=torch.float32)
        target = result.numpy()
        for span, block in blocks(inputs, rows):
            if self.method is None:
                target[span] = block
            else:
                np.divide(
                    np.subtract(block, self.offset, dtype=np.float64),
                    self.scale,
                    out=target[span],
                    casting="same_kind",
                )
        return result

    def words(self) -> str:
        """`standardized per feature`."""
        if self.method is None:
            return "not scaled"
        if self.per == "image":
            return f"divided by {self.scale.item():g}"
        return f"{'standardized' if self.method == 'standardize' else 'scaled to 0..1'} per {self.per}"

    def to_json(self) -> dict[str, Any]:
        """Method and numbers (flat lists) for data.json."""
        numbers = (
            {"offset": self.offset.ravel().tolist(), "scale": self.scale.ravel().tolist()}
            if self.method
            else {}
        )
        return {"method": self.method, "per": self.per, "constant": self.constant, **numbers}

    def tensors(self, prefix: str = "scaling") -> dict[str, torch.Tensor]:
        """The offset and the scale in the shape in which they broadcast, float64."""
        if self.method is None:
            return {}
        return {
            f"{prefix}.offset": torch.from_numpy(self.offset.copy()),
            f"{prefix}.scale": torch.from_numpy(self.scale.copy()),
        }


def scaling_of(
    described: Mapping[str, Any], tensors: Mapping[str, torch.Tensor], prefix: str = "scaling"
) -> Scaling:
    """The scaling that a run folder keeps: `to_json` in data.json and `tensors` in data.safetensors."""
    if described["method"] is None:
        return Scaling(None, None, np.zeros(()), np.ones(()))
    offset, scale = (tensors[f"{prefix}.{name}"].numpy() for name in ("offset", "scale"))
    return Scaling(described["method"], described["per"], offset, scale, described["constant"])


def leave_alone(scaling: Scaling, features: Sequence[int]) -> Scaling:
    """The same scaling, but these features stay as they are (0 and 1 for a category)."""
    if scaling.method is None or not features:
        return scaling
    offset, scale, chosen = scaling.offset.copy(), scaling.scale.copy(), list(features)
    offset[chosen], scale[chosen] = 0.0, 1.0
    return replace(scaling, offset=offset, scale=scale)


def fit_scaling(inputs: np.ndarray, rows: np.ndarray, method: str | None, per: str) -> Scaling:
    """Learn offset and scale from the training `rows` of `inputs`; per: "feature" or "channel".

    standardize: mean and standard deviation (of the population, as scikit-learn's StandardScaler). unit:
    minimum and range, so that the training part fills [0, 1]; images of bytes are divided by 255.
    """
    if method is None:
        return Scaling(None, None, np.zeros(()), np.ones(()))
    if method == "unit" and inputs.ndim == 4 and inputs.dtype == np.uint8:
        return Scaling(method, "image", np.zeros(()), np.full((), 255.0))
    axes, shape = ((0, 2, 3), (-1, 1, 1)) if per == "channel" else ((0,), inputs.shape[1:])
    total, low, high = (numbers.reshape(shape) for numbers in _sums(inputs, rows, axes))
    constant = low == high
    if method == "unit":
        return Scaling(method, per, low, np.where(constant, 1.0, high - low), int(constant.sum()))
    count = len(rows) * inputs[0].size / total.size
    mean = np.where(constant, low, total / count)  # exactly the value, where there is only one
    deviation = np.sqrt(_squares(inputs, rows, axes, mean).reshape(shape) / count)
    return Scaling(method, per, mean, np.where(constant, 1.0, deviation), int(constant.sum()))


def _sums(
    inputs: np.ndarray, rows: np.ndarray, axes: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum, minimum and maximum over the axes, in float64."""
    total: Any = 0.0
    low, high = np.inf, -np.inf
    for _, block in blocks(inputs, rows):
        total = total + block.sum(axis=axes, dtype=np.float64)
        low, high = np.minimum(low, block.min(axis=axes)), np.maximum(high, block.max(axis=axes))
    return np.asarray(total), np.asarray(low, np.float64), np.asarray(high, np.float64)


def _squares(inputs: np.ndarray, rows: np.ndarray, axes: tuple[int, ...], mean: np.ndarray) -> np.ndarray:
    """Sum of the squared distances from the mean: a second pass, since mean(x^2) - mean(x)^2 loses digits."""
    total: Any = 0.0
    for _, block in blocks(inputs, rows):
        distance = np.subtract(block, mean, dtype=np.float64)
        total = total + np.square(distance, out=distance).sum(axis=axes)
    return np.asarray(total)
