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
            "training alone"
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
