"""Accuracy for all forms that outputs and targets of a classifier take."""

from __future__ import annotations

import math

from torch import Tensor

from ..batch import Batch, Task
from .base import Metric, row_sum, row_total


class Accuracy(Metric):
    """The share of right answers.

    The answer is the largest logit's class; with one output, or for each of several labels, logit > 0.
    """

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._yes_or_no = task.target == "multi" or task.outputs == 1

    def measure(self, outputs: Tensor, batch: Batch) -> None:
        """Count right answers; soft targets stand for their likeliest class."""
        hits = self._hits(outputs, batch.targets)
        self._add("right", hits.sum() if batch.weights is None else row_sum(hits, batch.weights).sum())
        self._add("answers", row_total(hits, batch.weights) * hits.shape[1])

    def value(self) -> float:
        """In [0, 1]."""
        answers = float(self._sums.get("answers", 0))
        return float(self._sums["right"]) / answers if answers else math.nan

    def _hits(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Right or wrong: (n, 1), or (n, labels)."""
        if self._yes_or_no:
            return (outputs > 0) == (targets.reshape(outputs.shape) > 0.5)
        classes = targets if targets.ndim == 1 else targets.argmax(1)
        return (outputs.argmax(1) == classes).unsqueeze(1)
