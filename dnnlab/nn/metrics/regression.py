"""Metrics of real targets.

Several targets are measured one by one and averaged, as scikit-learn does by default.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..batch import Batch, Task
from .base import Metric, row_sum, row_total, wide


class _Errors(Metric):
    """Sums of a function of the error for each target, errors in the target's own units."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._scale = torch.tensor(task.scale, dtype=torch.float64)

    def _errors(self, outputs: Tensor, batch: Batch) -> Tensor:
        self._add("rows", row_total(outputs, batch.weights))
        errors = wide(outputs.flatten(1)) - wide(batch.targets.flatten(1))
        self._scale = self._scale.to(errors)  # the device is known from the first batch on
        return errors * self._scale

    def _mean(self, name: str) -> Tensor:
        """Of each target: (targets,). NaN before the first row."""
        if name not in self._sums:
            return torch.tensor([math.nan])
        return torch.as_tensor(self._sums[name] / self._sums["rows"])


class MeanAbsoluteError(_Errors):
    """mean |output - target|, in the target's own units."""

    def measure(self, outputs: Tensor, batch: Batch) -> None:
        """Add absolute errors."""
        self._add("absolute", row_sum(self._errors(outputs, batch).abs(), batch.weights))

    def value(self) -> float:
        """In the target's units, >= 0."""
        return self._mean("absolute").mean().item()


class RootMeanSquaredError(_Errors):
    """sqrt(mean (output - target)^2), in the target's own units."""

    def measure(self, outputs: Tensor, batch: Batch) -> None:
        """Add squared errors."""
        self._add("squared", row_sum(self._errors(outputs, batch).square(), batch.weights))

    def value(self) -> float:
        """In the target's units, >= 0."""
        return self._mean("squared").sqrt().mean().item()


class R2(Metric):
    """1 - (sum of squared errors) / (sum of squared deviations of the target from its mean).

    It has no units, so no scale.
    """

    def measure(self, outputs: Tensor, batch: Batch) -> None:
        """Add squared errors, and the target's first two moments about its first row.

        About the first row, a large mean costs no digits.
        """
        targets = wide(batch.targets.flatten(1))
        self._sums.setdefault("origin", targets[0].clone())
        deviations = targets - torch.as_tensor(self._sums["origin"]).to(targets.device)
        self._add("count", len(targets))
        self._add("rows", row_total(outputs, batch.weights))
        self._add("squared", row_sum((wide(outputs.flatten(1)) - targets).square(), batch.weights))
        self._add("first", row_sum(deviations, batch.weights))
        self._add("second", row_sum(deviations.square(), batch.weights))

    def value(self) -> float:
        """At most 1; 0 for the target's mean.

        A constant target gives 1 where it is met exactly, else 0; NaN below two rows (all three
        are scikit-learn's choice).
        """
        if int(self._sums.get("count", 0)) < 2:
            return math.nan
        squared, first, second = (
            torch.as_tensor(self._sums[name]).cpu() for name in ("squared", "first", "second")
        )
        spread = second - first.square() / float(self._sums["rows"])
        constant = torch.where(squared == 0, 1.0, 0.0)
        return torch.where(spread > 0, 1 - squared / spread, constant).mean().item()
