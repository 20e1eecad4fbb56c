"""Variance 2/fan_in: makes up for the half that a rectifier sets to 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...registry import part

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from ...nn.table import Fans

_SOURCE = "He, Zhang, Ren & Sun 2015, arXiv:1502.01852"


@part("initializer", source=_SOURCE, aliases=("kaiming_normal",))
def he_normal(weight: Tensor, fans: Fans, generator: Generator) -> None:
    """Normal numbers of mean 0 and variance 2/fan_in, for rectifiers.

    Shapes: any, in place; not truncated.
    """
    from ...nn.initialization import fill_normal

    fill_normal(weight, 2 / fans.fan_in, generator)


@part("initializer", source=_SOURCE, aliases=("kaiming_uniform",))
def he_uniform(weight: Tensor, fans: Fans, generator: Generator) -> None:
    """Uniform numbers of mean 0 and variance 2/fan_in: limits +-sqrt(6/fan_in).

    Shapes: any, in place.
    """
    from ...nn.initialization import fill_uniform

    fill_uniform(weight, 2 / fans.fan_in, generator)
