"""Dropout."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, Pattern, part


@part(
    "regularizers",
    source="Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, JMLR 15",
    example={"rate": 0.3, "input_rate": 0.1},
    hints={"p": "regularizers: {dropout: 0.5}", "keep_prob": "regularizers: {dropout: 0.5}"},
    effect="inside",
    acts_on="hidden",
    place="a net with hidden layers",
    conversions={
        "torch": "torch.nn.Dropout(p) after each hidden activation: rate is p, the share that is dropped",
        "keras": "Dropout(rate) after each hidden layer: the same rate, the share that is dropped",
    },
    traits=frozenset({"drops", "drops_plainly"}),
)
def dropout(
    table: Any, *, rate: Fraction = 0.5, layers: Pattern | None = None, input_rate: Fraction = 0.0
) -> Any:
    """In training hidden outputs are 0 with probability `rate`, else divided by 1 - rate.

    In evaluation nothing happens. rate: in [0, 1), also per layer (`per_layer: {hidden1: {dropout: 0.2}}`).
    layers: the hidden layers it acts on, none for all. input_rate: the same for the net's inputs, in [0, 1).
    In images every element is drawn by itself.
    """
    from ...nn.regularizers.dropout import Dropout, every

    return Dropout(table, rate, every if layers is None else layers.matches, input_rate)
