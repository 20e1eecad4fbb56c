"""Max-norm."""

from __future__ import annotations

from typing import Any

from ...registry import Positive, part


@part(
    "regularizers",
    source="Srebro, Rennie & Jaakkola 2004; Srivastava et al. 2014, JMLR 15",
    example={"limit": 0.5},
    effect="constraint",
    conversions={
        "torch": "torch.renorm(weight, 2, 0, limit) after each step",
        "keras": (
            "kernel_constraint=MaxNorm(max_value=2): limit: 2; for Conv2D its axis must be [0, 1, 2], which "
            "is always so here"
        ),
    },
    on_weights=frozenset({"max_norm"}),
    on_length="limits",
)
def max_norm(table: Any, *, limit: Positive = 1.0) -> Any:
    """Incoming weights longer than `limit` are scaled to it: unit by unit, after every update.

    The length is Euclidean; other units stay untouched. limit: > 0, also per layer (`per_layer: {hidden1:
    {max_norm: 2}}`). A filter of a convolution is one unit: its weights over all input channels and places
    count together. Biases do not.
    """
    from ...nn.regularizers.constraints import MaxNorm

    return MaxNorm(table, limit)
