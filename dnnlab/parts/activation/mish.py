"""Mish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...registry import part

if TYPE_CHECKING:
    from torch import nn


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
    from torch import nn

    return nn.Mish()
