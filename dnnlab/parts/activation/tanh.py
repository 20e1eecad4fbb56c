"""The hyperbolic tangent."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    flat=(-0.99, 0.99),
    source="LeCun, Bottou, Orr & Muller 1998, 'Efficient BackProp'",
    conversions={"torch": "torch.nn.Tanh()", "keras": '"tanh"'},
)
def tanh(width: int) -> nn.Module:
    """(e^z - e^-z) / (e^z + e^-z), between -1 and 1.

    Shapes: any to the same.
    """
    return nn.Tanh()
