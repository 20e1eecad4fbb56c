"""The mean squared error."""

from __future__ import annotations

from typing import Any

from ...nn.batch import Task
from ...registry import part


@part(
    "loss",
    targets=frozenset({"real"}),
    chance="square",
    source="Legendre 1805; Goodfellow, Bengio & Courville 2016, Deep Learning, section 5.1.4",
    conversions={"torch": "torch.nn.MSELoss(): the same", "keras": "MeanSquaredError(): the same"},
    traits=frozenset({"squared", "variance"}),
)
def mse(task: Task) -> Any:
    """(output - target)^2, averaged over targets and rows, in squared units of the scaled target.

    Shapes: outputs and targets (n, targets). Rows are weighted by `batch.weights`.
    """
    from ...nn import losses

    return losses.mse
