"""Variance 1/fan_in: for linear outputs, and for SELU."""

from __future__ import annotations

from ...lazy_torch import torch
from ...nn.parameter_table import Fans
from ...registry import part

_SOURCE = "LeCun, Bottou, Orr & Muller 1998, 'Efficient BackProp', section 4.6"


@part(
    "initializer",
    source=_SOURCE,
    variance=1.0,
    conversions={
        "torch": 'torch.nn.init.kaiming_normal_(nonlinearity="linear")',
        "keras": "LecunNormal has the same variance, but is truncated at two deviations; this one is not",
    },
)
def lecun_normal(weight: torch.Tensor, fans: Fans, generator: torch.Generator) -> None:
    """Normal numbers of mean 0 and variance 1/fan_in, made for SELU.

    They keep the variance of linear outputs. Shapes: any, in place; not truncated.
    """
    from ...nn.init.random_tensors import fill_normal

    fill_normal(weight, 1 / fans.fan_in, generator)


@part(
    "initializer",
    source=_SOURCE,
    variance=1.0,
    conversions={
        "torch": 'torch.nn.init.kaiming_uniform_(nonlinearity="linear")',
        "keras": "LecunUniform: the same",
    },
)
def lecun_uniform(weight: torch.Tensor, fans: Fans, generator: torch.Generator) -> None:
    """Uniform numbers of mean 0 and variance 1/fan_in: limits +-sqrt(3/fan_in).

    Shapes: any, in place.
    """
    from ...nn.init.random_tensors import fill_uniform

    fill_uniform(weight, 1 / fans.fan_in, generator)
