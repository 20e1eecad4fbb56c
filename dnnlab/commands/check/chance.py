"""The loss at chance: of outputs of zero, and of the best constant answer."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...lazy_torch import torch
from .bench import Bench

# Outputs of variance 2, as He's and Glorot's weights give them, raise ln C by about 1 (half the variance, by
# Jensen); residual nets and convolutions without normalization give variance 6 and more. A sum where a mean
# should be, or unscaled inputs, give much more.
FACTOR = 3.0


@dataclass(frozen=True)
class Chance:
    """Bounds for the loss of an untrained net."""

    value: float
    """The loss at zero outputs."""
    lowest: float
    """The loss of the best constant answer; on average no untrained net is below it."""
    highest: float
    """The largest loss of a healthy start."""
    words: str
    """How `value` is computed: `ln 10`."""


def chance_of(bench: Bench) -> Chance:
    """The chance of a config's loss on its training part. Raises whatever a plugin's loss raises."""
    targets, task = training_targets(bench), bench.objective.task
    loss, outputs = bench.objective.loss_part, task.outputs
    chance = loss.flag("chance")
    value = _loss(bench, torch.zeros(len(targets), outputs), targets)
    if task.target == "real":
        return _of_numbers(bench, chance, value, targets)
    lowest, words = -math.inf, "its value at zero outputs"
    if chance == "entropy":
        lowest, words = _entropy(bench), f"ln {2 if loss.flag('one_output') else task.classes}"
    elif chance == "margin":
        even = bench.data.imbalance is not None and bench.data.imbalance.even
        margin = loss.keys["margin"]
        lowest = value if even else 0.0
        words = f"{task.classes} - 1" if margin == 1 else f"({task.classes} - 1) x {margin:g}"
    return Chance(value, lowest, FACTOR * value, words)


def training_targets(bench: Bench) -> torch.Tensor:
    """The targets of all training rows, as the loss gets them."""
    part = bench.data.train
    if bench.experiment.architecture.flag("target") == "input":
        return part.inputs[bench.sample(2000)].flatten(1)
    return part.targets


def _of_numbers(bench: Bench, chance: str | None, value: float, targets: torch.Tensor) -> Chance:
    """Zero outputs give the mean square (of squared errors), the best constant the variance.

    Outputs may begin three times as large as targets.
    """
    centre = targets.median(0).values if chance in ("absolute", "median") else targets.mean(0)
    lowest = _loss(bench, centre.expand_as(targets), targets)
    scaled = abs(value - lowest) <= 0.02 * value
    square = "variance" if scaled else "mean square"
    words = square if chance == "square" else "its value at zero outputs"
    return Chance(value, lowest, value * (4.0 if chance == "absolute" else 10.0), words)


def _entropy(bench: Bench) -> float:
    """Of the classes' shares; of labels the mean over them."""
    if bench.data.imbalance is not None:
        return bench.data.imbalance.entropy
    shares = [n / bench.rows for n in bench.data.class_counts["train"]]
    return sum(-p * math.log(p) - (1 - p) * math.log(1 - p) for p in shares if 0 < p < 1) / max(
        len(shares), 1
    )


def _loss(bench: Bench, outputs: torch.Tensor, targets: torch.Tensor) -> float:
    from ...nn.batch import Batch

    return float(bench.objective.loss(outputs, Batch(outputs, targets)))
