"""The Huber loss."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...nn.batch import Task
from ...registry import Positive, part


@part(
    "loss",
    targets=frozenset({"real"}),
    chance="median",
    source="Huber 1964, Robust estimation of a location parameter, The Annals of Mathematical Statistics 35",
    example={"delta": 0.5},
    conversions={
        "torch": "torch.nn.HuberLoss(delta): the same (SmoothL1Loss(beta) is this divided by beta)",
        "keras": "Huber(delta): the same",
    },
    traits=frozenset({"squared"}),
)
def huber(task: Task, *, delta: Positive = 1.0) -> Any:
    """Squares of small errors, absolute values of large ones; averaged over targets and rows.

    e^2 / 2 for errors e = output - target up to delta, delta (|e| - delta / 2) beyond. delta: where the
    parabola becomes a straight line, > 0, in units of the scaled target. Shapes: outputs and targets (n,
    targets). Rows are weighted by `batch.weights`.
    """
    from ...nn import losses

    return partial(losses.huber, delta=delta)
