"""Unit norm."""

from __future__ import annotations

from typing import Any

from ...registry import part


@part(
    "regularizers",
    source=(
        "keras.constraints.UnitNorm; Salimans & Kingma 2016, arXiv:1602.07868 (length and direction apart)"
    ),
    effect="constraint",
    conversions={
        "torch": "weight / weight.norm(dim=1, keepdim=True) after each step",
        "keras": (
            "kernel_constraint=UnitNorm(): the same; for Conv2D its axis must be [0, 1, 2], which is always "
            "so here"
        ),
    },
    on_weights=frozenset({"unit_norm"}),
    on_length="fixes",
)
def unit_norm(table: Any) -> Any:
    """Every unit's incoming weights are scaled to length 1: after every update.

    The length is Euclidean; a unit with zeros alone stays. A filter of a convolution is one unit: its weights
    over all input channels and places count together. Biases do not. Frozen layers stay.
    """
    from ...nn.regularizers.constraints import UnitNorm

    return UnitNorm(table)
