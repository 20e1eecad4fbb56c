"""Mish."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    initializer="he_normal",
    source="Misra 2020, arXiv:1908.08681",
    conversions={"torch": "torch.nn.Mish()", "keras": '"mish"'},
)
def mish(width: int) -> nn.Module:
    """`z tanh(softplus(z))`: smooth, not monotonic, with a least value of -0.309 at z = -1.193.

    Shapes: any to the same.
    """
    return nn.Mish()
