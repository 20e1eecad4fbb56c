"""Cross-entropy of yes-or-no questions."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem
from ...nn.batch import Task
from ...registry import part


@part(
    "loss",
    targets=frozenset({"index", "soft", "multi"}),
    one_output=True,
    chance="entropy",
    source="Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.2",
    conversions={
        "torch": "torch.nn.BCEWithLogitsLoss (BCELoss takes probabilities): no sigmoid at the end of the net",
        "keras": "BinaryCrossentropy(from_logits=True): no sigmoid at the end of the net",
    },
    traits=frozenset({"entropy"}),
)
def binary_cross_entropy(task: Task) -> Any:
    """Minus the log probability of the right answer, in nats, for one output or several labels.

    Two classes have one output; several labels are averaged. Shapes: outputs (n, 1) are logits of class 1,
    targets (n,) 0 or 1 or a share between; or outputs and targets (n, labels). At logit 0 it is ln 2. Rows
    are weighted by `batch.weights`. Raises `ConfigError` for three classes or more.
    """
    if task.target == "index" and task.classes != 2:
        problem = Problem(
            f"the data has {task.classes} classes",
            "expected two classes, or several labels for each row",
            "write loss: cross_entropy",
            code="loss_target",
        )
        raise ConfigError(problem)

    from ...nn import losses

    return losses.binary_cross_entropy
