"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem
from ...registry import Momentum, Positive, is_still, part, start_of

_HINTS = {
    "learning_rate": "optimizer: {name: sgd, lr: 0.01}",
    "weight_decay": "regularizers: {l2: 1e-4}",
    "decay": "schedule: {name: exponential, over: 5 epochs}",
    "dampening": "optimizer: {name: sgd, momentum: 0.9}",
}


@part(
    "optimizer",
    source=(
        "Robbins & Monro 1951; Polyak 1964 (momentum); Sutskever, Martens, Dahl & Hinton 2013 (Nesterov's "
        "form)"
    ),
    example={"lr": 0.05, "momentum": 0.9, "nesterov": True},
    hints=_HINTS,
    adds_l2=True,
    conversions={
        "torch": (
            "torch.optim.SGD(lr, momentum, nesterov), dampening 0; its weight_decay=d is regularizers: "
            "{l2: d}, which leaves biases alone"
        ),
        "keras": (
            "SGD(learning_rate, momentum, nesterov); its velocity holds the rate, so when a schedule lowers "
            "the rate its steps follow later than here"
        ),
    },
)
def sgd(groups: Any, *, lr: Positive = 0.01, momentum: Momentum = 0.0, nesterov: bool = False) -> Any:
    """`v = momentum v + g`, then w = w - lr v.

    A constant gradient g leads to steps of lr g / (1 - momentum). lr: learning rate, > 0. momentum: in [0,
    1), or {from: 0.5, to: 0.99, over: 10 epochs}. nesterov: w = w - lr (g + momentum v). Raises `ConfigError`
    for nesterov without momentum.
    """
    if nesterov and is_still(momentum):
        received = "nesterov is true, but momentum is 0"
        raise ConfigError(
            Problem(
                received,
                "expected a momentum that it can act on",
                "momentum: 0.9",
                "nesterov",
                code="no_effect",
            )
        )

    from ...optim.optimizers.sgd import SGD

    return SGD(groups, lr=lr, momentum=start_of(momentum), nesterov=nesterov)
