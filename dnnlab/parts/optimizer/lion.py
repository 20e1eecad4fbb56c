"""Lion."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, Momentum, NonNegative, Positive, part, start_of


@part(
    "optimizer",
    source="Chen et al. 2023, Symbolic discovery of optimization algorithms, arXiv:2302.06675",
    example={"lr": 0.01, "betas": [0.8, 0.9], "weight_decay": 0.1},
    hints={
        "learning_rate": "optimizer: {name: lion, lr: 1e-4}",
        "wd": "weight_decay: {value}",
        "momentum": "betas: [{value}, 0.99]",
        "beta_1": "betas: [{value}, 0.99]",
        "beta_2": "betas: [0.9, {value}]",
        "eps": "leave it out: nothing is divided",
        "epsilon": "leave it out: nothing is divided",
    },
    conversions={
        "torch": (
            "torch has none; the package lion-pytorch has Lion(lr, betas, weight_decay): the same, but "
            "biases do not decay here"
        ),
        "keras": (
            "Lion(learning_rate=1e-3, beta_1, beta_2, weight_decay): the same; its rate is ten times the "
            "default here"
        ),
    },
)
def lion(
    groups: Any,
    *,
    lr: Positive = 1e-4,
    betas: tuple[Momentum, Fraction] = (0.9, 0.99),
    weight_decay: NonNegative = 0.0,
) -> Any:
    """Every weight moves by lr against the sign of a mean gradient.

    The mean is betas[0] m + (1 - betas[0]) g, where m is a running mean with betas[1]. lr: learning rate, >
    0; a third to a tenth of Adam's. betas: each in [0, 1); the first may be {from: 0.5, to: 0.9, over: 10
    epochs}. weight_decay: weights also shrink by lr * weight_decay a step, >= 0; not biases. Three to ten
    times AdamW's is usual.
    """
    from ...optim.optimizers.lion import Lion

    return Lion(groups, lr=lr, betas=(start_of(betas[0]), betas[1]), weight_decay=weight_decay)
