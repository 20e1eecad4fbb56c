"""A tanh of three straight pieces."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    aliases=("hardtanh",),
    flat=(-1.0, 1.0),
    source="Collobert et al. 2011, Journal of Machine Learning Research 12",
    conversions={"torch": "torch.nn.Hardtanh()", "keras": '"hard_tanh"'},
)
def hard_tanh(width: int) -> nn.Module:
    """`z` between -1 and 1, else the nearer of the two. The gradient is 0 outside.

    Shapes: any to the same.
    """
    return nn.Hardtanh()
