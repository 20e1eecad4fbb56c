"""The lasso penalty."""

from __future__ import annotations

from typing import Any

from ...registry import NonNegative, part


@part(
    "regularizers",
    source="Tibshirani 1996",
    example={"strength": 0.1},
    effect="penalty",
    conversions={
        "torch": "no such key; add strength * sum of |w| to the loss",
        "keras": "kernel_regularizer=L1(x): strength: x on every layer",
    },
    on_weights=frozenset({"l1"}),
    traits=frozenset({"shrinks"}),
)
def l1(table: Any, *, strength: NonNegative = 1e-4) -> Any:
    """`strength * sum |w|` over all weights, added to the loss; drives weights to zero.

    Not on biases, normalization or activations.

    strength: >= 0, also per layer (`per_layer: {hidden1: {l1: 1e-3}}`). The slope is strength * sign(w), 0 at
    0.
    """
    from ...nn.regularizers.penalty import Penalty, nowhere, of_layer

    return Penalty(table, l1=of_layer(table, "l1", strength), l2=nowhere)
