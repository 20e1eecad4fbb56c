"""RMSProp."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, Momentum, Positive, part, start_of


@part(
    "optimizer",
    aliases=("rms_prop",),
    source="Tieleman & Hinton 2012, Coursera lecture 6.5; Graves 2013, arXiv:1308.0850 (centered)",
    example={"lr": 0.01, "alpha": 0.8, "momentum": 0.5, "centered": True},
    hints={
        "learning_rate": "optimizer: {name: rmsprop, lr: 1e-3}",
        "weight_decay": "regularizers: {l2: 1e-4}",
        "rho": "alpha: {value}",
        "decay": "alpha: 0.9, or schedule: {name: exponential, over: 5 epochs} for the rate",
        "epsilon": "eps: 3e-4 for Keras' 1e-7; its epsilon stands under the root, so its root comes near",
    },
    conversions={
        "torch": (
            "torch.optim.RMSprop(lr=0.01, alpha=0.99, eps, momentum, centered): the same keys; lr 1e-3 and "
            "alpha 0.9 by default here"
        ),
        "keras": (
            "RMSprop(learning_rate, rho, momentum, epsilon=1e-7, centered): rho is alpha; its epsilon stands "
            "under the root, so eps: sqrt(epsilon), here 3e-4, comes near; its velocity holds the rate"
        ),
    },
)
def rmsprop(
    groups: Any,
    *,
    lr: Positive = 1e-3,
    alpha: Fraction = 0.9,
    momentum: Momentum = 0.0,
    centered: bool = False,
    eps: Positive = 1e-8,
) -> Any:
    """Steps of lr g / (sqrt(s) + eps), where s is a running mean of g^2.

    lr: learning rate, > 0. alpha: share of the old s in the new one, in [0, 1). momentum: in [0, 1), or
    {from: 0.5, to: 0.99, over: 10 epochs}: v = momentum v + g / (sqrt(s) + eps), w = w - lr v.
    centered: s less the squared running mean of g, which is g's variance. eps: keeps the quotient finite, >
    0.
    """
    from ...optim.optimizers.rmsprop import RMSprop

    velocity = None if momentum == 0 else start_of(momentum)
    return RMSprop(groups, lr=lr, alpha=alpha, momentum=velocity, centered=centered, eps=eps)
