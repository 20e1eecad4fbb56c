"""Rectified linear units with a ceiling."""

from __future__ import annotations

import math

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    initializer="he_normal",
    dies=True,
    flat=(-math.inf, 6.0),
    source="Krizhevsky 2010, Convolutional deep belief networks on CIFAR-10",
    conversions={"torch": "torch.nn.ReLU6()", "keras": '"relu6"'},
)
def relu6(width: int) -> nn.Module:
    """min(max(z, 0), 6). The gradient is 0 for z <= 0 and above 6.

    Shapes: any to the same.
    """
    return nn.ReLU6()
