"""Rectified linear units with a learned leak."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    initializer="he_normal",
    source="He, Zhang, Ren & Sun 2015, arXiv:1502.01852",
    example={"init": 0.1, "shared": False},
    conversions={
        "torch": (
            "torch.nn.PReLU(num_parameters=1, init=0.25); num_parameters=1 is shared: true, the layer's "
            "channels shared: false"
        ),
        "keras": (
            "keras.layers.PReLU starts at 0 (init: 0.0) and learns a slope for every unit and every place of "
            "an image; shared_axes=[1, 2] is shared: false"
        ),
    },
)
def prelu(width: int, *, init: float = 0.25, shared: bool = True) -> nn.Module:
    """`z` for z > 0, a z below, where a is learned (its role is "activation": penalties leave it alone).

    init: a at the start. shared: one a for the layer; false: one for each channel (axis 1).
    Shapes: (n, width, ...) to the same; one parameter `weight` of 1 or `width` numbers.
    """
    return nn.PReLU(1 if shared else width, init)
