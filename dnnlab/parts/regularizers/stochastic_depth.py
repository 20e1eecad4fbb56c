"""Stochastic depth."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, part


@part(
    "regularizers",
    source="Huang, Sun, Liu, Sedra & Weinberger 2016, arXiv:1603.09382",
    example={"rate": 0.4},
    effect="inside",
    acts_on="residual",
    place="a net with residual blocks: `architecture: resnet`, or a `residual` layer in `sequential`",
    conversions={
        "torch": (
            'torchvision.ops.StochasticDepth(p, "row") after the body of block l of L: p is rate * l / L'
        ),
        "keras": "no such layer in keras.layers",
    },
)
def stochastic_depth(table: Any, *, rate: Fraction = 0.5) -> Any:
    """In training residual blocks are left out at random; their shortcuts stay.

    The body of block l of L is left out with probability l / L * rate. A body that stays is divided by the
    probability of staying, so evaluation does nothing. rate: of the last block, in [0, 1); in the paper 1 -
    p_L. Every row has draws of its own (in the paper one a batch). Raises ConfigError in a net without
    residual blocks.
    """
    from ...nn.regularizers.random_paths import StochasticDepth

    return StochasticDepth(rate)
