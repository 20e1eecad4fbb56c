"""A logistic function of three straight pieces."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    aliases=("hardsigmoid",),
    dies=True,
    flat=(0.0, 1.0),
    source=(
        "Courbariaux, Bengio & David 2015, arXiv:1511.00363; Howard et al. 2019, arXiv:1905.02244 (this "
        "slope)"
    ),
    conversions={
        "torch": "torch.nn.Hardsigmoid()",
        "keras": '"hard_sigmoid" of Keras 3; that of Keras 2 has the slope 0.2 in place of 1/6',
    },
)
def hard_sigmoid(width: int) -> nn.Module:
    """min(max(z + 3, 0), 6) / 6: 0 below -3, 1 above 3, straight between. The gradient is 0 outside.

    Shapes: any to the same.
    """
    return nn.Hardsigmoid()
