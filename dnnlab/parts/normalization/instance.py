"""Instance normalization."""

from __future__ import annotations

from ...errors import ConfigError, Problem
from ...lazy_torch import nn
from ...registry import Positive, part


@part(
    "normalization",
    cancels_bias=True,
    source="Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022",
    example={"eps": 1e-3, "affine": False},
    hints={"epsilon": "eps: {value}"},
    conversions={
        "torch": "torch.nn.InstanceNorm2d(channels, affine=True); affine is false there by default",
        "keras": "GroupNormalization(groups=-1, epsilon=1e-3): as many groups as channels; eps 1e-5 here",
    },
)
def instance(channels: int, spatial_dims: int, *, eps: Positive = 1e-5, affine: bool = True) -> nn.Module:
    """Each channel of an image minus its mean over its standard deviation; then scale and shift.

    Mean and deviation are taken over the places of one image. eps: added to the variance, > 0. affine:
    whether a scale and a shift a channel are learned. Images do not see each other: training and evaluation
    do the same. Shapes: (n, channels, height, width) to the same; two vectors of `channels` numbers, both
    learned, or none. Raises `ConfigError` for a dense layer, whose channels have one place each.
    """
    if not spatial_dims:
        text = "instance normalization of a dense layer: one number minus its own mean is always 0"
        fix = "write normalization: none for the dense layers under per_layer, or choose layer normalization"
        raise ConfigError(Problem(text, "expected a convolution", fix, code="no_effect"))
    from ...nn.layers.normalization import GroupNormalization

    return GroupNormalization(channels, channels, eps, affine)
