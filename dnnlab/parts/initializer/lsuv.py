"""Layer-sequential unit variance."""

from __future__ import annotations

from ...lazy_torch import nn, torch
from ...registry import Positive, PositiveInt, part


@part(
    "initializer",
    after_build=True,
    variance=None,
    source="Mishkin & Matas 2016, arXiv:1511.06422",
    example={"tol": 0.5, "max_iterations": 3},
    conversions={
        "torch": "no such function; it looks at a batch, so it comes after the net",
        "keras": "no such initializer",
    },
)
def lsuv(
    net: nn.Module, batch: torch.Tensor, *, tol: Positive = 0.01, max_iterations: PositiveInt = 10
) -> None:
    """Orthonormal weights scaled to linear outputs of variance 1: layer by layer, on one batch.

    The layers are scaled from the first to the last. batch: up to 256 scaled training inputs, evenly spread
    over the split. tol: how far the variance may stay from 1, > 0 (the paper takes 0.1; a linear map meets
    any after one scaling). max_iterations: scalings of one layer at most, >= 1. Called after_build on weights
    that are random already. Measured as in evaluation: nothing is drawn, running statistics stay. Raises
    `ConfigError` for a layer whose outputs do not vary.
    """
    from ...nn.init.lsuv import unit_variance

    unit_variance(net, batch, tol, max_iterations)
