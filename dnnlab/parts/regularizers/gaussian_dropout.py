"""Gaussian dropout."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, Pattern, part


@part(
    "regularizers",
    source="Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, JMLR 15, section 10",
    example={"rate": 0.3},
    effect="inside",
    acts_on="hidden",
    place="a net with hidden layers",
    conversions={
        "torch": "no such module; x * (1 + sqrt(rate / (1 - rate)) * torch.randn_like(x)) in training",
        "keras": "GaussianDropout(rate) after each hidden layer: the same rate",
    },
    traits=frozenset({"drops", "drops_plainly"}),
)
def gaussian_dropout(table: Any, *, rate: Fraction = 0.5, layers: Pattern | None = None) -> Any:
    """Hidden outputs are multiplied by draws around 1: from N(1, rate / (1 - rate)), in training.

    In evaluation nothing happens. The mean and the variance are those of dropout with the same rate, and
    nothing is ever 0. rate: in [0, 1). layers: the hidden layers it acts on, none for all. In images every
    element is drawn by itself.
    """
    from ...nn.layers.noise import GaussianDropout
    from ...nn.regularizers.dropout import every
    from ...nn.regularizers.noise import AfterActivation

    return AfterActivation(rate, every if layers is None else layers.matches, GaussianDropout)
