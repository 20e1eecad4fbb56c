"""Non-negative weights."""

from __future__ import annotations

from typing import Any

from ...registry import part


@part(
    "regularizers",
    source=(
        "Chorowski & Zurada 2015, Learning understandable neural networks with nonnegative weight constraints"
    ),
    effect="constraint",
    conversions={
        "torch": "weight.clamp_(min=0) after each step",
        "keras": "kernel_constraint=NonNeg(): the same",
    },
    on_weights=frozenset({"non_negative"}),
)
def non_negative(table: Any) -> Any:
    """After every update negative weights become 0; all others stay.

    Not on biases, normalization or activations, nor in frozen layers.
    """
    from ...nn.regularizers.constraints import NonNegative

    return NonNegative(table)
