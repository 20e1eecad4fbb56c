"""No activation."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    source="Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2 (linear units)",
    neutral=True,
    conversions={"torch": "torch.nn.Identity()", "keras": '"linear", or no activation at all'},
)
def identity(width: int) -> nn.Module:
    """The identity: layers in a row stay one linear map.

    Shapes: any to the same.
    """
    return nn.Identity()
