"""RAdam."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, Momentum, Positive, part, start_of


@part(
    "optimizer",
    aliases=("rectified_adam",),
    source=(
        "Liu, Jiang, He, Chen, Liu, Gao & Han 2020, On the variance of the adaptive learning rate and "
        "beyond, arXiv:1908.03265"
    ),
    example={"lr": 0.02, "betas": [0.8, 0.99]},
    hints={
        "learning_rate": "optimizer: {name: radam, lr: 1e-3}",
        "weight_decay": "regularizers: {l2: 1e-4}",
        "momentum": "betas: [{value}, 0.999]",
        "beta_1": "betas: [{value}, 0.999]",
        "beta_2": "betas: [0.9, {value}]",
        "epsilon": "eps: {value}",
    },
    conversions={
        "torch": (
            "torch.optim.RAdam(lr, betas, eps): the same; its weight_decay=d is regularizers: {l2: d}, "
            "which leaves biases alone"
        ),
        "keras": "no such optimizer",
    },
)
def radam(
    groups: Any, *, lr: Positive = 1e-3, betas: tuple[Momentum, Fraction] = (0.9, 0.999), eps: Positive = 1e-8
) -> Any:
    """Adam with a warm-up of its own.

    While few g^2 are known it takes steps of lr m (momentum alone), then Adam's steps times a factor that
    rises to 1. With betas[1] of 0.999 the first 5 steps are of the first kind. lr: learning rate, > 0. betas:
    share of the old value in the means of g and g^2, each in [0, 1); the first may be {from: 0.5, to: 0.9,
    over: 10 epochs}. eps: > 0.
    """
    from ...optim.optimizers.adam_family import RAdam

    return RAdam(groups, lr=lr, betas=(start_of(betas[0]), betas[1]), eps=eps)
