"""DropConnect."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, Pattern, part


@part(
    "regularizers",
    source="Wan, Zeiler, Zhang, LeCun & Fergus 2013",
    example={"rate": 0.3},
    effect="inside",
    acts_on="hidden",
    place="a net with hidden layers that have weights of their own",
    conversions={"torch": "no such module", "keras": "no such layer"},
    traits=frozenset({"drops_weights"}),
)
def dropconnect(table: Any, *, rate: Fraction = 0.5, layers: Pattern | None = None) -> Any:
    """Hidden layers' weights are 0 with probability `rate`, else divided by 1 - rate: in training.

    Evaluation uses all weights. rate: in [0, 1). layers: the hidden layers it acts on, none for all. Biases
    stay. One draw serves a whole batch (the paper draws for every row, which would cost a weight matrix a
    row). A tied layer uses its owner's weight, dropped there too, in a draw of its own.
    """
    from ...nn.regularizers.dropout import DropConnect, every

    return DropConnect(rate, every if layers is None else layers.matches)
