"""No activation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...registry import part

if TYPE_CHECKING:
    from torch import nn


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
    from torch import nn

    return nn.Identity()
