"""Layer normalization."""

from __future__ import annotations

from ...errors import ConfigError, Problem
from ...lazy_torch import nn
from ...registry import Positive, part


@part(
    "normalization",
    source="Ba, Kiros & Hinton 2016, arXiv:1607.06450",
    example={"eps": 0.1},
    hints={"epsilon": "eps: {value}"},
    conversions={
        "torch": (
            "torch.nn.LayerNorm(units) for rows; for images torch.nn.GroupNorm(1, channels), not LayerNorm"
        ),
        "keras": (
            "LayerNormalization(epsilon=1e-3) on rows, eps 1e-5 here; on images it normalizes each place by "
            "itself, this one the whole image"
        ),
    },
)
def layer(channels: int, spatial_dims: int, *, eps: Positive = 1e-5) -> nn.Module:
    """Each row minus its mean over its standard deviation, taken over all units of the layer.

    Then each channel has a learned scale and shift. eps: added to the variance, > 0. Rows do not see each
    other: training and evaluation do the same. Shapes: (n, channels) or (n, channels, height, width) to the
    same; two vectors of `channels` numbers, both learned. Raises `ConfigError` for a layer of one unit, whose
    output would be constant.
    """
    if channels == 1 and not spatial_dims:
        expected = "two units or more (one number minus its own mean is always 0)"
        raise ConfigError(
            Problem(
                "a layer of one unit", expected, "write normalization: none for this layer", code="no_effect"
            )
        )
    from ...nn.layers.normalization import GroupNormalization

    # One group over channels and places is layer normalization of an image, with its scale a channel.
    return GroupNormalization(1, channels, eps) if spatial_dims else nn.LayerNorm(channels, eps)
