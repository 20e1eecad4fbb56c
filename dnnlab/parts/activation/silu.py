"""Sigmoid-weighted linear units, also called Swish."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    aliases=("swish",),
    initializer="he_normal",
    source="Elfwing, Uchibe & Doya 2018, arXiv:1702.03118; Ramachandran, Zoph & Le 2017, arXiv:1710.05941",
    conversions={"torch": "torch.nn.SiLU()", "keras": '"silu", or "swish"'},
)
def silu(width: int) -> nn.Module:
    """`z sigmoid(z)`: like ReLU far from 0, smooth and not monotonic near it.

    The least value is -0.278, at z = -1.278. Shapes: any to the same.
    """
    return nn.SiLU()
