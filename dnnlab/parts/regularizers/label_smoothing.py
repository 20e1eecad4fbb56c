"""Label smoothing."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem
from ...registry import Fraction, part


@part(
    "regularizers",
    source="Szegedy et al. 2016, arXiv:1512.00567",
    example={"amount": 0.2},
    effect="batch",
    makes="soft",
    conversions={
        "torch": (
            "CrossEntropyLoss(label_smoothing): the same amount, but in evaluation as well; here in "
            "training alone. With class weights torch weighs the shared `amount` by the weight of each "
            "class; here all of a row counts by the weight of its true class"
        ),
        "keras": (
            "CategoricalCrossentropy(label_smoothing): the same amount, but in evaluation as well; here in "
            "training alone"
        ),
    },
    traits=frozenset({"smooths"}),
)
def label_smoothing(table: Any, *, amount: Fraction = 0.1) -> Any:
    """In training the true class counts 1 - amount, and all classes share `amount` evenly.

    The true class has its part of `amount`, too. amount: in [0, 1). Targets: (n,) class numbers become (n,
    classes) shares with sum 1, or (n,) in [0, 1] for a net with one output; several labels are smoothed each
    by itself, to amount / 2 and 1 - amount / 2. Raises `ConfigError` where the targets are numbers.

    With `data.balance: weights` a row of class y costs w_y ((1 - amount) l_y + amount mean_c l_c), where l_c
    is the cross-entropy of class c; torch's CrossEntropyLoss(weight=w, label_smoothing=amount) costs
    (1 - amount) w_y l_y + amount mean_c w_c l_c. Both divide by the sum of w_y over the batch; they are equal
    if all weights are.
    """
    if table.task.target == "real":
        received = "label_smoothing has no classes to smooth: the targets are numbers"
        raise ConfigError(
            Problem(
                received, "expected classes or labels as targets", "label_smoothing: none", code="targets"
            )
        )

    from ...nn.regularizers.soft_targets import LabelSmoothing

    return LabelSmoothing(table.task, amount)
