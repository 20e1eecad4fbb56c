"""Adam."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, Momentum, Positive, part, start_of

_HINTS = {
    "learning_rate": "optimizer: {name: adam, lr: 1e-3}",
    "weight_decay": "regularizers: {l2: 1e-4}",
    "momentum": "betas: [{value}, 0.999]",
    "beta_1": "betas: [{value}, 0.999]",
    "beta_2": "betas: [0.9, {value}]",
    "epsilon": "eps: {value}",
}


@part(
    "optimizer",
    source="Kingma & Ba 2015, arXiv:1412.6980; Reddi, Kale & Kumar 2018 (amsgrad)",
    example={"lr": 0.01, "betas": [0.8, 0.99], "amsgrad": True},
    hints=_HINTS,
    adds_l2=True,
    conversions={
        "torch": (
            "torch.optim.Adam(lr, betas, eps, amsgrad): the same; its weight_decay=d is regularizers: "
            "{l2: d}, which leaves biases alone"
        ),
        "keras": (
            "Adam(learning_rate, beta_1, beta_2, epsilon=1e-7): lr, betas, eps: 1e-7; its epsilon stands "
            "before the bias correction and so acts more in the first steps: at gradients of 1e-5 the first "
            "is 1.4 times as long here"
        ),
    },
)
def adam(
    groups: Any,
    *,
    lr: Positive = 1e-3,
    betas: tuple[Momentum, Fraction] = (0.9, 0.999),
    eps: Positive = 1e-8,
    amsgrad: bool = False,
) -> Any:
    """Steps of lr m / (sqrt(v) + eps), where m and v are running means of g and g^2.

    Both are corrected for their start at 0. lr: learning rate, > 0. betas: share of the old value in m and in
    v, each in [0, 1); the first, Adam's momentum, may be {from: 0.5, to: 0.9, over: 10 epochs}. eps: keeps
    the quotient finite, > 0. amsgrad: v is the largest one so far.
    """
    from ...optim.optimizers.adam import Adam

    return Adam(groups, lr=lr, betas=(start_of(betas[0]), betas[1]), eps=eps, amsgrad=amsgrad)
