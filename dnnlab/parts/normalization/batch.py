"""Batch normalization."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import Fraction, Positive, part

_MOMENTUM = (
    "decay: 0.9 (torch's momentum m is decay: 1 - m, so momentum 0.1 is decay: 0.9; "
    "Keras' momentum m is decay: m, so momentum 0.99 is decay: 0.99)"
)


@part(
    "normalization",
    cancels_bias=True,
    source="Ioffe & Szegedy 2015, arXiv:1502.03167",
    example={"decay": 0.99, "eps": 1e-3, "affine": False},
    hints={"momentum": _MOMENTUM, "epsilon": "eps: {value}"},
    conversions={
        "torch": (
            "torch.nn.BatchNorm1d/2d(momentum=m): decay: 1 - m, so momentum=0.1 is decay: 0.9; eps is the "
            "same"
        ),
        "keras": (
            "BatchNormalization(momentum=m, epsilon=e): decay: m and eps: e; its defaults 0.99 and 1e-3 are "
            "0.9 and 1e-5 here; its running variance is that of the batch, here it is n / (n - 1) times as "
            "large"
        ),
    },
    traits=frozenset({"running"}),
)
def batch(
    channels: int, spatial_dims: int, *, decay: Fraction = 0.9, eps: Positive = 1e-5, affine: bool = True
) -> nn.Module:
    """Each channel minus its mean over its standard deviation: in training the batch's own.

    Evaluation takes running values of mean and deviation. Scale and shift are learned. decay: running value =
    decay * old + (1 - decay) * batch, after each training batch, in [0, 1) (the running variance takes the
    unbiased one). eps: added to the variance, > 0. affine: whether scale and shift are learned. Shapes: (n,
    channels) or (n, channels, height, width) to the same; four vectors of `channels` numbers, two of them
    learned. Raises `ValueError` in training for one row of numbers, which has no variance.
    """
    module = nn.BatchNorm2d if spatial_dims else nn.BatchNorm1d
    return module(channels, eps=eps, momentum=1.0 - decay, affine=affine)
