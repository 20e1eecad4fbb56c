"""The mean absolute error."""

from __future__ import annotations

from typing import Any

from ...nn.batch import Task
from ...registry import part


@part(
    "loss",
    targets=frozenset({"real"}),
    chance="absolute",
    source=(
        "Laplace 1774; Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, section 10.6"
    ),
    aliases=("l1_loss",),
    conversions={"torch": "torch.nn.L1Loss(): the same", "keras": "MeanAbsoluteError(): the same"},
)
def mae(task: Task) -> Any:
    """|output - target|, averaged over targets and rows; far outliers count less than under mse.

    It is in units of the scaled target. Shapes: outputs and targets (n, targets). Rows are weighted by
    `batch.weights`.
    """
    from ...nn import losses

    return losses.mae
