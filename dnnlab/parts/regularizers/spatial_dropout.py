"""Spatial dropout."""

from __future__ import annotations

from typing import Any

from ...lazy_torch import nn
from ...registry import Fraction, Pattern, part


@part(
    "regularizers",
    source="Tompson, Goroshin, Jain, LeCun & Bregler 2015, arXiv:1411.4280",
    example={"rate": 0.3},
    effect="inside",
    acts_on="convolution",
    place=(
        "a net with convolutions, such as `architecture: cnn` (for dense layers: `regularizers: {dropout: "
        "0.2}`)"
    ),
    conversions={
        "torch": "torch.nn.Dropout2d(p) after the activation of each convolution: rate is p",
        "keras": "SpatialDropout2D(rate) after each convolution: the same rate",
    },
    traits=frozenset({"drops", "drops_plainly"}),
)
def spatial_dropout(table: Any, *, rate: Fraction = 0.2, layers: Pattern | None = None) -> Any:
    """Channels of convolutions are 0 with probability `rate`, else divided by 1 - rate, in training.

    Evaluation leaves them. Places of a feature map that stand side by side say nearly the same, so dropping
    single ones takes little away. Each row has draws of its own; dense layers are left alone. rate: in [0,
    1). layers: the layers it acts on, none for all. Raises ConfigError in a net without convolutions among
    them.
    """
    from ...nn.regularizers.dropout import every
    from ...nn.regularizers.noise import AfterActivation

    return AfterActivation(rate, every if layers is None else layers.matches, nn.Dropout2d, images=True)
