"""A sigmoid with slow ends."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    flat=(-0.86, 0.86),
    source=(
        "Bergstra, Desjardins, Lamblin & Bengio 2009, technical report 1337, Universite de Montreal; Glorot "
        "& Bengio 2010"
    ),
    conversions={"torch": "torch.nn.Softsign()", "keras": '"softsign"'},
)
def softsign(width: int) -> nn.Module:
    """`z / (1 + |z|)`, between -1 and 1: it saturates polynomially, where tanh does so exponentially.

    Shapes: any to the same.
    """
    return nn.Softsign()
