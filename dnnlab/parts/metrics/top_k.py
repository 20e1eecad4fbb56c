"""Top-k accuracy."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem
from ...nn.batch import Task
from ...registry import PositiveInt, part


@part(
    "metrics",
    targets=frozenset({"index", "soft"}),
    source=(
        "Russakovsky et al. 2015, arXiv:1409.0575, section 4.1 (top-5 error); scikit-learn, User Guide, "
        "'Top-k accuracy score'"
    ),
    aliases=("top_k_accuracy",),
    example={"k": 2},
    conversions={
        "torch": "no such function; outputs.topk(k).indices",
        "keras": "SparseTopKCategoricalAccuracy(k=5): the same",
    },
)
def top_k(task: Task, *, k: PositiveInt = 5) -> Any:
    """How often the right class is among the k with the highest scores, from 0 to 1.

    k: >= 1 and below the number of classes (with all of them every answer would be right). Of equal scores
    the first class counts as the higher, so that k: 1 is the accuracy. Shapes: outputs (n, classes), targets
    (n,) or (n, classes) shares, which stand for their likeliest class. Rows are weighted by `batch.weights`.
    Raises `ConfigError` for a k that is too large.
    """
    if k >= task.classes or task.outputs == 1:
        text = f"received k {k}; the data has {task.classes} classes, so that "
        text += (
            "the net has one output"
            if task.outputs == 1 and k < task.classes
            else "every answer would be right"
        )
        fix = f"k: {max(1, task.classes // 2)}" if task.outputs > 2 else "metrics: [accuracy]"
        raise ConfigError(Problem(text, f"expected a k below {task.classes}", fix, "k", code="out_of_range"))

    from ...nn.metrics.classification import TopK

    return TopK(k)
