"""AdaMax."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, Momentum, Positive, part, start_of


@part(
    "optimizer",
    source="Kingma & Ba 2015, arXiv:1412.6980, section 7.1",
    example={"lr": 0.02, "betas": [0.8, 0.99]},
    hints={
        "learning_rate": "optimizer: {name: adamax, lr: 2e-3}",
        "weight_decay": "regularizers: {l2: 1e-4}",
        "momentum": "betas: [{value}, 0.999]",
        "beta_1": "betas: [{value}, 0.999]",
        "beta_2": "betas: [0.9, {value}]",
        "epsilon": "eps: {value}",
    },
    conversions={
        "torch": "torch.optim.Adamax(lr, betas, eps): the same",
        "keras": (
            "Adamax(learning_rate=1e-3, beta_1, beta_2, epsilon=1e-7); its epsilon is added to u, here to |g|"
        ),
    },
)
def adamax(
    groups: Any, *, lr: Positive = 2e-3, betas: tuple[Momentum, Fraction] = (0.9, 0.999), eps: Positive = 1e-8
) -> Any:
    """Steps of lr m / u: m is a running mean of g, and u = max(betas[1] u, |g| + eps).

    m is corrected for its start at 0. lr: learning rate, > 0. betas: share of the old value in m and in u,
    each in [0, 1); the first may be {from: 0.5, to: 0.9, over: 10 epochs}. eps: keeps the quotient finite, >
    0.
    """
    from ...optim.optimizers.adam_family import Adamax

    return Adamax(groups, lr=lr, betas=(start_of(betas[0]), betas[1]), eps=eps)
