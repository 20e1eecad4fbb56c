"""AdaDelta."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, Positive, part


@part(
    "optimizer",
    source="Zeiler 2012, ADADELTA: an adaptive learning rate method, arXiv:1212.5701",
    example={"rho": 0.8, "eps": 1e-3},
    hints={
        "learning_rate": "optimizer: {name: adadelta, lr: 1}",
        "weight_decay": "regularizers: {l2: 1e-4}",
        "epsilon": "eps: {value}",
        "momentum": "optimizer: {name: rmsprop, momentum: 0.9}",
    },
    conversions={
        "torch": "torch.optim.Adadelta(lr, rho, eps): the same",
        "keras": (
            "Adadelta(learning_rate=1e-3, rho=0.95, epsilon=1e-7): the same formula, with a rate a "
            "thousandth of the paper's 1"
        ),
    },
)
def adadelta(groups: Any, *, lr: Positive = 1.0, rho: Fraction = 0.9, eps: Positive = 1e-6) -> Any:
    """Steps of lr g sqrt(d + eps) / sqrt(s + eps), which set their own size.

    s is a running mean of g^2, d one of the squared steps before lr. lr: 1 in the paper, which has no rate; >
    0. rho: share of the old value in both means, in [0, 1). eps: > 0; it also sets how long the first steps
    are, since d starts at 0.
    """
    from ...optim.optimizers.adagrad import Adadelta

    return Adadelta(groups, lr=lr, rho=rho, eps=eps)
