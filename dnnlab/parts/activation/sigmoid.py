"""The logistic function."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    aliases=("logistic",),
    flat=(0.01, 0.99),
    source="Rumelhart, Hinton & Williams 1986, Nature 323, 'Learning representations'",
    conversions={
        "torch": "torch.nn.Sigmoid()",
        "keras": '"sigmoid"; not for the output layer, which gives logits here',
    },
)
def sigmoid(width: int) -> nn.Module:
    """1 / (1 + e^-z), between 0 and 1; gradients shrink from layer to layer.

    The slope is at most a quarter. Shapes: any to the same.
    """
    return nn.Sigmoid()
