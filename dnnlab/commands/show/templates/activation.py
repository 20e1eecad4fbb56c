"""An activation of your own.

In a config beside this file:

plugins: [my_activation.py]
activation: {name: my_activation, slope: 0.2}
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import NonNegative, part


@part(
    "activation",
    source="where the definition comes from: a paper, a text",
    initializer="he_normal",  # what `initializer: auto` takes with it
    example={"slope": 0.2},  # keys with which it can be tried
)
def my_activation(width: int, *, slope: NonNegative = 0.1) -> Any:
    """Leaky ReLU: z for z > 0, slope z below. This first line is what `dnnlab list` shows.

    slope: on the negative side, >= 0. Shapes: any to the same; `width` is the number of units or channels
    (axis 1).
    """
    from torch import nn  # imported here, so that an error in a config is reported before torch is loaded

    return nn.LeakyReLU(slope)
