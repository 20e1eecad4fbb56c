"""Exponential linear units with a smooth bend."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import Positive, part


@part(
    "activation",
    initializer="he_normal",
    source="Barron 2017, arXiv:1704.07483",
    example={"alpha": 0.5},
    conversions={"torch": "torch.nn.CELU(alpha)", "keras": '"celu", or keras.activations.celu(alpha)'},
)
def celu(width: int, *, alpha: Positive = 1.0) -> nn.Module:
    """`z` for z > 0, alpha (e^(z/alpha) - 1) below: ELU whose slope is 1 at 0 for every alpha.

    alpha: minus the value that large negative inputs approach, > 0. Shapes: any to the same.
    """
    return nn.CELU(alpha)
