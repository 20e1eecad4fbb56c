"""The score of a constant answer (chance level), and how much better a run is."""

from __future__ import annotations

import math

from ..data.imbalance import measure_imbalance
from .records import Curve, Records


def chance_loss(records: Records) -> float | None:
    """The loss of the best constant answer; None if it is unknown.

    Classes: the entropy of their shares (ln C if they are balanced), or C - 1 margins for the hinge loss.
    Labels: the mean entropy over the labels. Numbers: the variance of the targets, from mse and r2 if both
    were measured, 1 if the targets were standardized. Other losses: the first value that was logged.
    """
    if records.copies or records.target == "real":
        return _variance(records)
    counts = [n for n in records.class_counts if n]
    if records.target == "multi":
        rows = records.rows.get("train", 0)
        shares = [n / rows for n in records.class_counts] if rows else []
        return sum(_binary(p) for p in shares) / len(shares) if shares else None
    if len(counts) < 2:
        return None
    if records.loss_has("margins"):
        return (len(records.class_counts) - 1) * records.number("loss.margin", 1.0)
    if not records.loss_has("entropy"):
        return _first_loss(records)
    balanced = str(records.config.get("data.balance", "none")) != "none"
    return math.log(len(counts)) if balanced else measure_imbalance(counts).entropy


def chance_accuracy(records: Records) -> float | None:
    """The accuracy of always answering with the most frequent class."""
    return (
        measure_imbalance(records.class_counts).baseline
        if records.classifies and records.class_counts
        else None
    )


def gains(records: Records, part: str = "train") -> Curve:
    """By epoch, the share of the chance loss that is gone.

    0: nothing was learned. 1: no loss is left. Below 0: worse than a constant answer. part: train (in
    evaluation mode if recorded) or val. For numbers it is r2 if that was measured.
    """
    if not records.classifies and records.target != "multi":
        explained = records.trained("r2") if part == "train" else records.curve("val_r2")
        if explained:
            return explained
    chance = chance_loss(records)
    if not chance:
        return []
    curve = records.trained("loss") if part == "train" else records.curve("val_loss")
    return [(epoch, 1 - value / chance) for epoch, value in curve]


def skills(records: Records, part: str = "train") -> Curve:
    """By epoch, the share of the way from chance to perfect: by accuracy for classes, else `gains`."""
    base = chance_accuracy(records)
    curve = records.trained("accuracy") if part == "train" else records.curve("val_accuracy")
    if base is None or base >= 1 or not curve:
        return gains(records, part)
    return [(epoch, (value - base) / (1 - base)) for epoch, value in curve]


def final(curve: Curve, last: int = 3) -> float | None:
    """The median of the last values: one lucky or unlucky epoch does not count."""
    values = sorted(value for _, value in curve[-last:])
    return values[len(values) // 2] if values else None


def _variance(records: Records) -> float | None:
    explained, loss = dict(records.curve("train_r2")), records.curve("train_loss")
    if records.loss_has("variance"):
        for epoch, value in loss:
            if epoch in explained and explained[epoch] < 0.999:
                return value / (1 - explained[epoch])
        if records.scaled_target:
            return 1.0
    return _first_loss(records)


def _first_loss(records: Records) -> float | None:
    """The loss of the first step, else of the first epoch."""
    first = next((value for row in records.steps if (value := row.values.get("loss")) is not None), None)
    curve = records.curve("train_loss")
    return first if first else (curve[0][1] if curve else None)


def _binary(p: float) -> float:
    return -(p * math.log(p) + (1 - p) * math.log(1 - p)) if 0 < p < 1 else 0.0
