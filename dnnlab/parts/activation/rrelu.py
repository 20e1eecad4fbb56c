"""Rectified linear units with a random leak."""

from __future__ import annotations

from ...errors import ConfigError, Problem
from ...lazy_torch import nn
from ...registry import NonNegative, part


@part(
    "activation",
    initializer="he_normal",
    source="Xu, Wang, Chen & Li 2015, arXiv:1505.00853",
    example={"lower": 0.05, "upper": 0.5},
    conversions={
        "torch": "torch.nn.RReLU(lower, upper): the same",
        "keras": "no such layer in Keras 3; leaky_relu with negative_slope 11/48 is what it evaluates to",
    },
)
def rrelu(width: int, *, lower: NonNegative = 1 / 8, upper: NonNegative = 1 / 3) -> nn.Module:
    """`z` for z > 0, a z below, where a is drawn for every element in training.

    In evaluation a is the mean slope (lower + upper) / 2. lower: the least slope, >= 0. upper: the largest
    slope, >= lower. Shapes: any to the same. Draws come from the device's default generator, which training
    seeds in every step. Raises `ConfigError` where lower > upper.
    """
    if lower > upper:
        received = f"received {lower:g}, above upper: {upper:g}"
        raise ConfigError(
            Problem(
                received,
                f"expected at most {upper:g}",
                f"lower: {upper:g}, upper: {lower:g}",
                "lower",
                code="out_of_range",
            )
        )
    return nn.RReLU(lower, upper)
