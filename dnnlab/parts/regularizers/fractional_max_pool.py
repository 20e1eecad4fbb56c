"""Fractional max pooling."""

from __future__ import annotations

import math
from typing import Annotated, Any

from annotated_types import Gt, Lt

from ...registry import part


@part(
    "regularizers",
    source="Graham 2014, arXiv:1412.6071",
    example={"ratio": 1.8},
    hints={"output_ratio": "ratio: 1.4 (that is 1 / output_ratio)"},
    effect="inside",
    acts_on="pooling",
    pools=lambda side, ratio: math.floor(side / ratio),
    place="a net with 2x2 max pooling, such as `architecture: cnn` with `pool: max`",
    conversions={
        "torch": (
            "torch.nn.FractionalMaxPool2d(2, output_ratio=r): ratio: 1 / r; in evaluation too its regions "
            "are drawn"
        ),
        "keras": "no such layer",
    },
)
def fractional_max_pool(table: Any, *, ratio: Annotated[float, Gt(1), Lt(2)] = 1.414) -> Any:
    """Every max pooling leads to floor(side / ratio), by maxima over overlapping 2x2 regions.

    Training draws where the regions are. ratio: how much shorter the sides become, in (1, 2); 1.414 halves
    the area. In training each row and channel has regions of its own, drawn anew. In evaluation they are
    fixed, for all rows and channels: those of one draw, with a seed made of the pooling's name alone (the
    paper draws there too, several times, and votes). Shapes: (n, channels, height, width) to (n, channels,
    floor(height / ratio), floor(width / ratio)), in training and evaluation alike. Average poolings stay, and
    listed max_pool layers that are not 2x2. Raises `ConfigError` in a net without such a pooling, and where
    every one would halve its sides exactly: then nothing is left to draw.
    """
    from ...nn.regularizers.random_paths import FractionalPools

    return FractionalPools(ratio)
