"""A regularizer inside the net.

In a config beside this file:

plugins: [my_noise.py]
regularizers: {my_noise: 0.1}
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import NonNegative, part


@part(
    "regularizers", source="where the idea comes from: a paper, a text", effect="inside", example={"std": 0.2}
)
def my_noise(table: Any, *, std: NonNegative = 0.1) -> Any:
    """In training normal noise is added after every hidden activation; in evaluation nothing happens.

    std: its standard deviation, >= 0. Called before the net exists. What comes back may have the methods
    after_activation, on_input, wrap, on_branch and on_pool; each gives a module (wrap: whether it acted), or
    None if it does not act.
    """
    from dnnlab.nn.layers.noise import GaussianNoise

    class Inside:
        """Acts on hidden layers."""

        def after_activation(self, layer: str, channels: int, spatial_dims: int) -> Any:
            """The module after the activation of this layer."""
            return GaussianNoise(std)

    return Inside()
