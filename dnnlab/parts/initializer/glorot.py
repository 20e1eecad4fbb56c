"""Variance 1/fan_avg: signals forward and gradients backward in balance."""

from __future__ import annotations

from ...lazy_torch import torch
from ...nn.parameter_table import Fans
from ...registry import part

_SOURCE = (
    "Glorot & Bengio 2010, AISTATS, 'Understanding the difficulty of training deep feedforward neural "
    "networks'"
)


@part(
    "initializer",
    source=_SOURCE,
    aliases=("xavier_normal",),
    conversions={
        "torch": "torch.nn.init.xavier_normal_",
        "keras": "GlorotNormal has the same variance, but is truncated at two deviations; this one is not",
    },
    traits=frozenset({"small_sums"}),
)
def glorot_normal(weight: torch.Tensor, fans: Fans, generator: torch.Generator) -> None:
    """Normal numbers of mean 0 and variance 1/fan_avg, fan_avg = (fan_in + fan_out)/2; for tanh and sigmoid.

    Shapes: any, in place; not truncated.
    """
    from ...nn.init.random_tensors import fill_normal

    fill_normal(weight, 2 / (fans.fan_in + fans.fan_out), generator)


@part(
    "initializer",
    source=_SOURCE,
    aliases=("xavier_uniform",),
    conversions={
        "torch": (
            "torch.nn.init.xavier_uniform_; torch.nn.Linear by itself starts uniform in "
            "+-1/sqrt(fan_in), its biases too; biases are 0 here"
        ),
        "keras": "GlorotUniform, the default of Dense and Conv2D: the same",
    },
    traits=frozenset({"small_sums"}),
)
def glorot_uniform(weight: torch.Tensor, fans: Fans, generator: torch.Generator) -> None:
    """Uniform numbers of mean 0 and variance 1/fan_avg: limits +-sqrt(3/fan_avg).

    Shapes: any, in place.
    """
    from ...nn.init.random_tensors import fill_uniform

    fill_uniform(weight, 2 / (fans.fan_in + fans.fan_out), generator)
