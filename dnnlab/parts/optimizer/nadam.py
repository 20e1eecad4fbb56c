"""NAdam."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, Momentum, NonNegative, Positive, part, start_of

_HINTS = {
    "learning_rate": "optimizer: {name: nadam, lr: 1e-3}",
    "weight_decay": "regularizers: {l2: 1e-4}",
    "momentum": "betas: [{value}, 0.999]",
    "beta_1": "betas: [{value}, 0.999]",
    "beta_2": "betas: [0.9, {value}]",
    "epsilon": "eps: {value}",
}


@part(
    "optimizer",
    source="Dozat 2016, Incorporating Nesterov momentum into Adam",
    example={"lr": 0.01, "momentum_decay": 0.01},
    hints=_HINTS,
    conversions={
        "torch": "torch.optim.NAdam(lr=2e-3, momentum_decay=4e-3): the same; the default lr is 1e-3 here",
        "keras": (
            "Nadam(beta_1, beta_2, epsilon=1e-7) is betas, eps: 1e-7 and momentum_decay: 1.0 (its momentum "
            "grows with 0.96^t, here with 0.96^(0.004 t))"
        ),
    },
)
def nadam(
    groups: Any,
    *,
    lr: Positive = 1e-3,
    betas: tuple[Momentum, Fraction] = (0.9, 0.999),
    eps: Positive = 1e-8,
    momentum_decay: NonNegative = 4e-3,
) -> Any:
    """Adam whose mean gradient looks one step ahead.

    The momentum of step t is betas[0] (1 - 0.96^(t momentum_decay) / 2). lr: learning rate, > 0. betas: share
    of the old value in the means of g and g^2, each in [0, 1); the first may be {from: 0.5, to: 0.9, over: 10
    epochs}. eps: > 0. momentum_decay: how fast the momentum grows from half of betas[0] to betas[0], >= 0.
    """
    from ...optim.optimizers.adam_family import NAdam

    return NAdam(groups, lr=lr, betas=(start_of(betas[0]), betas[1]), eps=eps, momentum_decay=momentum_decay)
