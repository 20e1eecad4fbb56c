"""Accuracy."""

from __future__ import annotations

from typing import Any

from ...nn.batch import Task
from ...registry import part


@part(
    "metrics",
    targets=frozenset({"index", "soft", "multi"}),
    source="scikit-learn, User Guide, 'Accuracy score'",
    conversions={
        "torch": "no such function; the share of outputs.argmax(1) == targets",
        "keras": '"accuracy"',
    },
)
def accuracy(task: Task) -> Any:
    """The share of rows whose class is right, from 0 to 1.

    For several labels, it is the share of labels that are right. Shapes: outputs (n, classes) with the
    largest logit as answer; (n, 1) or (n, labels) with yes where the logit is above 0. Soft targets stand for
    their likeliest class. Rows are weighted by `batch.weights`.
    """
    from ...nn.metrics.classification import Accuracy

    return Accuracy(task)
