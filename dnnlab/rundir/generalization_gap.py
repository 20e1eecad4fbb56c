"""The generalization gap: how much worse the validation part does than the training part.

All screens and pages take it from here. Source: Goodfellow, Bengio & Courville 2016, Deep Learning, 5.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .json_values import number
from .run_record import Row


@dataclass(frozen=True)
class Gap:
    """The gap of one epoch in one measure."""

    value: float
    """Above 0 where the validation part does worse, whether a high or a low measure is good."""
    training: float
    """The measure on training rows."""
    evaluated: bool
    """Whether `training` was measured as validation is; else it is the mean over the epoch's steps."""


def generalization_gap(row: Row, measure: str, better: str) -> Gap | None:
    """The gap in a row of metrics.jsonl (or in the metrics of a best epoch); None if it is not known.

    Training rows are measured in evaluation mode if the row has that (`train_eval_...`). better: `max` or
    `min` of the measure.
    """
    evaluated = number(row.get(f"train_eval_{measure}"))
    training = number(row.get(f"train_{measure}")) if evaluated is None else evaluated
    validation = number(row.get(f"val_{measure}"))
    if training is None or validation is None or not math.isfinite(training - validation):
        return None
    worse = training - validation if better == "max" else validation - training
    return Gap(worse, training, evaluated is not None)


def main_measure(monitor: str, metrics: Sequence[str]) -> str:
    """The measure whose gap is told: the monitor's metric, else the first metric, else the loss."""
    word = monitor.removeprefix("val_").removeprefix("train_")
    named = [m for m in metrics if word == m or word.startswith(f"{m}_")]
    return max(named, key=len) if named else metrics[0] if metrics else "loss"
