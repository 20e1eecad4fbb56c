"""Root mean square normalization."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import Positive, part


@part(
    "normalization",
    source="Zhang & Sennrich 2019, arXiv:1910.07467",
    example={"eps": 0.1},
    hints={"epsilon": "eps: {value}"},
    conversions={
        "torch": (
            "torch.nn.RMSNorm(units, eps=1e-6) for rows (its own default eps is the smallest step above 1); "
            "no such module for images"
        ),
        "keras": (
            "RMSNormalization(epsilon=1e-6) for rows; on images it normalizes each place by itself, this "
            "one the whole image"
        ),
    },
)
def rms(channels: int, spatial_dims: int, *, eps: Positive = 1e-6) -> nn.Module:
    """Each row over the root of its mean square, taken over all units of the layer.

    Then each channel has a learned scale. The mean is not taken off. eps: added to the mean square, > 0. Rows
    do not see each other: training and evaluation do the same. Shapes: (n, channels) or (n, channels, height,
    width) to the same; one vector of `channels` numbers, learned.
    """
    from ...nn.layers.normalization import RmsNorm

    return RmsNorm(channels, eps)
