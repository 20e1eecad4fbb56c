"""AdamW."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, Momentum, NonNegative, Positive, part, start_of


@part(
    "optimizer",
    source="Loshchilov & Hutter 2019, Decoupled weight decay regularization, arXiv:1711.05101",
    example={"lr": 0.01, "betas": [0.8, 0.99], "weight_decay": 0.1},
    hints={
        "learning_rate": "optimizer: {name: adamw, lr: 1e-3}",
        "wd": "weight_decay: {value}",
        "decay": "weight_decay: {value}",
        "momentum": "betas: [{value}, 0.999]",
        "beta_1": "betas: [{value}, 0.999]",
        "beta_2": "betas: [0.9, {value}]",
        "epsilon": "eps: {value}",
    },
    conversions={
        "torch": (
            "torch.optim.AdamW(lr, betas, eps, weight_decay, amsgrad): the same, but biases and "
            "normalization do not decay here"
        ),
        "keras": (
            "AdamW(learning_rate, beta_1, beta_2, epsilon=1e-7, weight_decay=4e-3): its epsilon stands "
            "before the bias correction; exclude_from_weight_decay is not needed here"
        ),
    },
)
def adamw(
    groups: Any,
    *,
    lr: Positive = 1e-3,
    betas: tuple[Momentum, Fraction] = (0.9, 0.999),
    eps: Positive = 1e-8,
    weight_decay: NonNegative = 0.01,
    amsgrad: bool = False,
) -> Any:
    """Adam whose weights also shrink by lr weight_decay of themselves, untouched by the division by sqrt(v).

    lr: learning rate, > 0. betas: share of the old value in the means of g and g^2, each in [0, 1); the first
    may be {from: 0.5, to: 0.9, over: 10 epochs}. eps: > 0. weight_decay: >= 0; weights only, not biases or
    normalization. amsgrad: v is the largest one so far.
    """
    from ...optim.optimizers.adam import AdamW

    return AdamW(
        groups,
        lr=lr,
        weight_decay=weight_decay,
        betas=(start_of(betas[0]), betas[1]),
        eps=eps,
        amsgrad=amsgrad,
    )
