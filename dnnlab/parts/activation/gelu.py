"""Gaussian error linear units."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    initializer="he_normal",
    source="Hendrycks & Gimpel 2016, arXiv:1606.08415",
    example={"approximate": True},
    conversions={
        "torch": 'torch.nn.GELU(); approximate="tanh" is approximate: true',
        "keras": '"gelu"; keras.activations.gelu(approximate=True) is approximate: true',
    },
)
def gelu(width: int, *, approximate: bool = False) -> nn.Module:
    """`z Phi(z)` with the normal distribution function Phi: a smooth gate that a larger z opens wider.

    approximate: 0.5 z (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) instead, at most 5e-4 away. Shapes: any to
    the same.
    """
    return nn.GELU("tanh" if approximate else "none")
