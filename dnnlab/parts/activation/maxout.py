"""Maxout units."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    source="Goodfellow et al. 2013, arXiv:1302.4389",
    widens="pieces",
    example={"pieces": 3},
    conversions={
        "torch": "no such module; pieces linear maps side by side, then amax over them",
        "keras": "no such layer in Keras 3",
    },
)
def maxout(width: int, *, pieces: Annotated[int, Ge(2)] = 2) -> nn.Module:
    """The largest of several linear maps: a convex function that is learned piece by piece.

    pieces: linear maps for each unit, >= 2; the layer before is made that many times as wide.
    Shapes: (n, pieces * width, ...) to (n, width, ...).
    """
    from ...nn.layers.activations import Maxout

    return Maxout(width, pieces)
