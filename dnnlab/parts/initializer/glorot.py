"""Variance 1/fan_avg: signals forward and gradients backward in balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...registry import part

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from ...nn.table import Fans

_SOURCE = "Glorot & Bengio 2010, AISTATS, 'Understanding the difficulty of training deep feedforward neural networks'"


@part("initializer", source=_SOURCE, aliases=("xavier_normal",))
def glorot_normal(weight: Tensor, fans: Fans, generator: Generator) -> None:
    """Normal numbers of mean 0 and variance 1/fan_avg, fan_avg = (fan_in + fan_out)/2; for tanh and sigmoid.

    Shapes: any, in place; not truncated.
    """
    from ...nn.initialization import fill_normal

    fill_normal(weight, 2 / (fans.fan_in + fans.fan_out), generator)


@part("initializer", source=_SOURCE, aliases=("xavier_uniform",))
def glorot_uniform(weight: Tensor, fans: Fans, generator: Generator) -> None:
    """Uniform numbers of mean 0 and variance 1/fan_avg: limits +-sqrt(3/fan_avg).

    Shapes: any, in place.
    """
    from ...nn.initialization import fill_uniform

    fill_uniform(weight, 2 / (fans.fan_in + fans.fan_out), generator)
