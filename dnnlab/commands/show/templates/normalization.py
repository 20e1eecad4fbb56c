"""A normalization of your own.

In a config beside this file:

plugins: [my_normalization.py]
normalization: {name: my_normalization, groups: 2}
"""

from __future__ import annotations

from typing import Any

from dnnlab.errors import ConfigError, Problem
from dnnlab.registry import Positive, PositiveInt, part


@part("normalization", source="Wu & He 2018, arXiv:1803.08494", example={"groups": 2})
def my_normalization(
    channels: int, spatial_dims: int, *, groups: PositiveInt = 1, eps: Positive = 1e-5
) -> Any:
    """Normalizes each row's channels group by group, then applies a learned scale and shift.

    groups: of equally many channels, >= 1. eps: added to the variance, > 0. spatial_dims is 0 after dense
    layers, 2 in images. Shapes: (n, channels) or (n, channels, height, width) to the same. Raises
    `ConfigError` where groups does not divide channels.
    """
    from dnnlab.nn.layers.normalization import GroupNormalization

    if channels % groups:
        received = f"{groups} groups do not divide {channels} channels"
        raise ConfigError(
            Problem(received, "a divisor of the layer's width", "groups: 1", "groups", code="out_of_range")
        )
    return GroupNormalization(groups, channels, eps)
