"""Metrics of classes: accuracy for all forms that outputs and targets take, top-k accuracy, F1."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
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


class TopK(Metric):
    """The share of rows whose class has one of the k highest scores.

    Of equal scores the class with the smaller number counts as higher.
    """

    def __init__(self, k: int) -> None:
        super().__init__()
        self._k = k

    def measure(self, outputs: Tensor, batch: Batch) -> None:
        """Count the classes above the right one; soft targets stand for their likeliest class."""
        classes = (batch.targets if batch.targets.ndim == 1 else batch.targets.argmax(1)).unsqueeze(1)
        right = outputs.gather(1, classes)
        before = torch.arange(outputs.shape[1], device=outputs.device) < classes
        above = (outputs > right) | ((outputs == right) & before)
        # A row that is not finite is no hit: its right score must be at least equal to itself.
        hits = (above.sum(1, keepdim=True) < self._k) & (right == right)
        self._add("right", row_sum(hits, batch.weights).sum())
        self._add("rows", row_total(hits, batch.weights))

    def value(self) -> float:
        """In [0, 1]."""
        rows = float(self._sums.get("rows", 0))
        return float(self._sums["right"]) / rows if rows else math.nan


class MacroF1(Metric):
    """The mean over classes (or labels) of 2 right / (true + predicted).

    That is the harmonic mean of precision and recall. Classes that neither occur nor are predicted do not
    count; a label of that kind counts as 0. (scikit-learn's average="macro".)
    """

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._labels = task.target == "multi"
        self._classes = task.classes
        self._one = task.outputs == 1 and not self._labels

    def measure(self, outputs: Tensor, batch: Batch) -> None:
        """Count each class's rows that are right, true and predicted.

        Soft targets stand for their likeliest class.
        """
        truth, answers = self._both(outputs, batch.targets)
        for name, table in {"right": truth & answers, "true": truth, "predicted": answers}.items():
            self._add(name, row_sum(table, batch.weights))

    def value(self) -> float:
        """In [0, 1]."""
        if not self._sums:
            return math.nan
        right, true, predicted = (
            torch.as_tensor(self._sums[name]).cpu().double() for name in ("right", "true", "predicted")
        )
        both = true + predicted
        scores = torch.where(both > 0, 2 * right / both, 0.0)
        counted = scores if self._labels else scores[both > 0]
        return counted.mean().item() if len(counted) else math.nan

    def _both(self, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Whether each row is of each class, and whether it is predicted to be: both (n, classes)."""
        if self._labels:
            return targets > 0.5, outputs > 0
        if self._one:
            truth, answers = targets > 0.5, outputs[:, 0] > 0
            return torch.stack([~truth, truth], 1), torch.stack([~answers, answers], 1)
        classes = targets if targets.ndim == 1 else targets.argmax(1)
        return self._table(classes), self._table(outputs.argmax(1))

    def _table(self, classes: Tensor) -> Tensor:
        return F.one_hot(classes, self._classes).bool()
