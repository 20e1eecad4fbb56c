"""Exponential linear units."""

from __future__ import annotations

from typing import Any

from ...lazy_torch import nn
from ...registry import Positive, part


@part(
    "activation",
    initializer="he_normal",
    source="Clevert, Unterthiner & Hochreiter 2016, arXiv:1511.07289",
    example={"alpha": 0.5},
    conversions={"torch": "torch.nn.ELU(alpha)", "keras": '"elu", or keras.layers.ELU(alpha)'},
)
def elu(width: int, *, alpha: Positive = 1.0) -> Any:
    """`z` for z > 0, alpha (e^z - 1) below.

    alpha: minus the value that large negative inputs approach, > 0. Shapes: any to the same.
    """
    return nn.ELU(alpha)
