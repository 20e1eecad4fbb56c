"""The F1 score."""

from __future__ import annotations

from typing import Any

from ...nn.batch import Task
from ...registry import part


@part(
    "metrics",
    targets=frozenset({"index", "soft", "multi"}),
    by_class=True,
    source=(
        "van Rijsbergen 1979, Information Retrieval, ch. 7; scikit-learn, User Guide, 'Precision, recall "
        "and F-measures'"
    ),
    aliases=("f1_macro",),
    conversions={
        "torch": "no such function",
        "keras": 'F1Score(average="macro") counts classes that neither occur nor are predicted as 0',
    },
)
def f1(task: Task) -> Any:
    """The harmonic mean of precision and recall, averaged over the classes (macro), from 0 to 1.

    Rare classes count as much as common ones. Classes that neither occur nor are predicted do not count.
    Several labels are measured one by one, each by its yes; two classes by both. Shapes: outputs (n, classes)
    with the largest logit as answer; (n, 1) or (n, labels) with yes where the logit is above 0. Soft targets
    stand for their likeliest class. Rows are weighted by `batch.weights`.
    """
    from ...nn.metrics.classification import MacroF1

    return MacroF1(task)
