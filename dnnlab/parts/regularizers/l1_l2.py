"""The elastic net penalty."""

from __future__ import annotations

from typing import Any

from ...registry import NonNegative, part


@part(
    "regularizers",
    source="Zou & Hastie 2005, Regularization and variable selection via the elastic net",
    aliases=("elastic_net",),
    example={"l1": 0.1, "l2": 0.2},
    hints={"strength": "regularizers: {l1_l2: {l1: {value}, l2: {value}}}"},
    effect="penalty",
    conversions={
        "torch": "no such key; add l1 * sum of |w| + l2 / 2 * sum of w^2 to the loss",
        "keras": "kernel_regularizer=L1L2(l1=a, l2=b): l1: a, l2: 2 b",
    },
    on_weights=frozenset({"l1", "l2"}),
    traits=frozenset({"shrinks"}),
)
def l1_l2(table: Any, *, l1: NonNegative = 1e-5, l2: NonNegative = 1e-4) -> Any:
    """l1 * sum |w| + l2 / 2 * sum w^2 over all weights, added to the loss.

    Not on biases, normalization or activations.

    l1, l2: strengths, >= 0. A layer's own l1 or l2 in `per_layer` takes the place of that term there. The
    slope is l1 * sign(w) + l2 * w.
    """
    from ...nn.regularizers.penalty import Penalty, unless_own

    return Penalty(table, l1=unless_own(table, "l1", l1), l2=unless_own(table, "l2", l2))
