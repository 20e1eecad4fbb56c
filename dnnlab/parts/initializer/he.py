"""Variance 2/fan_in: makes up for the half that a rectifier sets to 0."""

from __future__ import annotations

from ...lazy_torch import torch
from ...nn.parameter_table import Fans
from ...registry import part

_SOURCE = "He, Zhang, Ren & Sun 2015, arXiv:1502.01852"


@part(
    "initializer",
    source=_SOURCE,
    variance=2.0,
    aliases=("kaiming_normal",),
    conversions={
        "torch": 'torch.nn.init.kaiming_normal_(nonlinearity="relu")',
        "keras": "HeNormal has the same variance, but is truncated at two deviations; this one is not",
    },
)
def he_normal(weight: torch.Tensor, fans: Fans, generator: torch.Generator) -> None:
    """Normal numbers of mean 0 and variance 2/fan_in, for rectifiers.

    Shapes: any, in place; not truncated.
    """
    from ...nn.init.random_tensors import fill_normal

    fill_normal(weight, 2 / fans.fan_in, generator)


@part(
    "initializer",
    source=_SOURCE,
    variance=2.0,
    aliases=("kaiming_uniform",),
    conversions={
        "torch": 'torch.nn.init.kaiming_uniform_(nonlinearity="relu")',
        "keras": "HeUniform: the same",
    },
)
def he_uniform(weight: torch.Tensor, fans: Fans, generator: torch.Generator) -> None:
    """Uniform numbers of mean 0 and variance 2/fan_in: limits +-sqrt(6/fan_in).

    Shapes: any, in place.
    """
    from ...nn.init.random_tensors import fill_uniform

    fill_uniform(weight, 2 / fans.fan_in, generator)
