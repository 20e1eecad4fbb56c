"""The hinge loss of several classes."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...nn.batch import Task
from ...registry import Positive, part


@part(
    "loss",
    targets=frozenset({"index"}),
    chance="margin",
    source="Weston & Watkins 1999, ESANN, 'Support vector machines for multi-class pattern recognition'",
    example={"margin": 0.5},
    conversions={
        "torch": "torch.nn.MultiMarginLoss(margin) divides by the number of classes; this one does not",
        "keras": "CategoricalHinge takes the largest wrong score alone; this one sums over all wrong classes",
    },
    traits=frozenset({"margins"}),
)
def hinge(task: Task, *, margin: Positive = 1.0) -> Any:
    """Sum over wrong classes j of max(0, s_j - s_y + margin), for scores s and the right class y.

    margin: how far the right score must lead, > 0. Shapes: outputs s (n, classes), targets y (n,).
    With C classes and equal scores it is (C - 1) * margin. Rows are weighted by `batch.weights`.
    """
    from ...nn import losses

    return partial(losses.hinge, margin=margin)
