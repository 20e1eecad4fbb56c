"""Rectified linear units."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    initializer="he_normal",
    dies=True,
    source="Nair & Hinton 2010, ICML, 'Rectified linear units improve restricted Boltzmann machines'",
    conversions={"torch": "torch.nn.ReLU()", "keras": '"relu"'},
)
def relu(width: int) -> nn.Module:
    """max(0, z).

    Shapes: any to the same. The gradient is 0 for z <= 0.
    """
    return nn.ReLU()
