"""The area under the ROC curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...nn.batch import Task
from ...registry import part


def _lacks(rows: int, counts: Sequence[int], names: Sequence[str]) -> str:
    """A class or label that no row has, or that all have."""
    for name, count in zip(names, counts, strict=True):
        if count in (0, rows):
            return f"no row is of {name}" if count == 0 else f"every row is of {name}"
    return ""


@part(
    "metrics",
    targets=frozenset({"index", "soft", "multi"}),
    by_class=True,
    source=(
        "Hanley & McNeil 1982, Radiology 143; scikit-learn, User Guide, 'Receiver operating characteristic'"
    ),
    aliases=("roc_auc",),
    lacks=_lacks,
    conversions={
        "torch": "no such function",
        "keras": "AUC(num_thresholds=200) is an approximation by 200 thresholds; this one is exact",
    },
)
def auc(task: Task) -> Any:
    """How often a row of a class is ranked above a row of another class; 0.5 says nothing, 1 is perfect.

    Ties count half. Two classes: the area of the second against the first. More: each class against all
    others, averaged. Labels: each by itself, averaged. Undefined (NaN) where a class or label has no row, or
    all of them. Over the whole epoch or part, not batch by batch: exact up to about a million different
    (class, score) pairs, kept in 32 MB; beyond, the scores' last bits are dropped until they fit, and what
    becomes equal is a tie. Shapes: outputs (n, classes), (n, 1) or (n, labels). Rows are weighted by
    `batch.weights`.
    """
    from ...nn.metrics.auc import AreaUnderCurve

    return AreaUnderCurve(task)
