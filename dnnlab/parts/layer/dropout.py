"""Dropout at one place."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, part


@part(
    "layer",
    source="Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, JMLR 15",
    example={"rate": 0.3},
    hints={"p": "rate: {value}"},
    conversions={"torch": "torch.nn.Dropout(p): rate is p", "keras": "Dropout(rate): the same rate"},
    traits=frozenset({"drops"}),
)
def dropout(in_shape: tuple[int, ...], make: Any, *, rate: Fraction = 0.5) -> Any:
    """In training each element is 0 with probability `rate`, else divided by 1 - rate.

    In evaluation nothing happens. rate: in [0, 1). Dropout after every hidden layer is the regularizer of
    this name. Shapes: any to the same.
    """
    return make.dropout(rate)
