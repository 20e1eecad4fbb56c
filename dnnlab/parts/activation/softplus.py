"""A smooth rectifier."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    initializer="he_normal",
    source="Dugas, Bengio, Belisle, Nadeau & Garcia 2001, NIPS 13; Glorot, Bordes & Bengio 2011, AISTATS",
    conversions={"torch": "torch.nn.Softplus(); its beta is 1 here", "keras": '"softplus"'},
)
def softplus(width: int) -> nn.Module:
    """log(1 + e^z), always > 0; its slope is the logistic function of z.

    Shapes: any to the same. Above z = 20 it is z itself, which is within 3e-9.
    """
    return nn.Softplus()
