"""Rectified linear units that leak."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import NonNegative, part


@part(
    "activation",
    initializer="he_normal",
    source="Maas, Hannun & Ng 2013, ICML workshop, 'Rectifier nonlinearities'",
    example={"negative_slope": 0.2},
    conversions={
        "torch": "torch.nn.LeakyReLU(negative_slope=0.01)",
        "keras": (
            "keras.layers.LeakyReLU(negative_slope=0.3): write negative_slope: 0.3 for its default; the word "
            '"leaky_relu" has 0.2'
        ),
    },
)
def leaky_relu(width: int, *, negative_slope: NonNegative = 0.01) -> nn.Module:
    """`z` for z > 0, negative_slope z below, so that no unit dies.

    negative_slope: the slope on the negative side, >= 0. Shapes: any to the same.
    """
    return nn.LeakyReLU(negative_slope)
