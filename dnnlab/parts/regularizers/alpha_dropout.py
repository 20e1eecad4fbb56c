"""Alpha dropout."""

from __future__ import annotations

from typing import Any

from ...lazy_torch import nn
from ...registry import Fraction, Pattern, part


@part(
    "regularizers",
    source="Klambauer, Unterthiner, Mayr & Hochreiter 2017, arXiv:1706.02515",
    example={"rate": 0.2},
    effect="inside",
    acts_on="hidden",
    place="a net with hidden layers",
    conversions={
        "torch": "torch.nn.AlphaDropout(p) after each hidden activation: rate is p",
        "keras": "AlphaDropout(rate) after each hidden layer: the same rate",
    },
    traits=frozenset({"drops"}),
)
def alpha_dropout(table: Any, *, rate: Fraction = 0.1, layers: Pattern | None = None) -> Any:
    """Dropout for SELU, which keeps mean 0 and variance 1.

    In training hidden outputs are -1.7581 with probability `rate`; then all become a * x + b. Made for
    `activation: selu`: -1.7581 is what selu tends to, and a = ((1 - rate) (1 + 1.7581^2 rate))^(-1/2), b =
    1.7581 rate a keep mean 0 and variance 1. rate: in [0, 1). layers: the hidden layers it acts on, none for
    all.
    """
    from ...nn.regularizers.dropout import every
    from ...nn.regularizers.noise import AfterActivation

    return AfterActivation(rate, every if layers is None else layers.matches, nn.AlphaDropout)
