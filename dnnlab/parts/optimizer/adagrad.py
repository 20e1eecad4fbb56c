"""AdaGrad."""

from __future__ import annotations

from typing import Any

from ...registry import NonNegative, Positive, part


@part(
    "optimizer",
    source=(
        "Duchi, Hazan & Singer 2011, Adaptive subgradient methods for online learning and stochastic "
        "optimization"
    ),
    example={"lr": 0.1, "initial_accumulator_value": 0.2, "eps": 1e-6},
    hints={
        "learning_rate": "optimizer: {name: adagrad, lr: 0.01}",
        "epsilon": "eps: {value}",
        "initial_accumulator": "initial_accumulator_value: {value}",
        "lr_decay": "schedule: {name: inverse_time, k: {value}, per: 1 steps}",
        "momentum": "optimizer: {name: rmsprop, momentum: 0.9}",
    },
    conversions={
        "torch": (
            "torch.optim.Adagrad(lr, initial_accumulator_value, eps): the same; its lr_decay=k is schedule: "
            "inverse_time"
        ),
        "keras": (
            "Adagrad(learning_rate=1e-3, initial_accumulator_value=0.1, epsilon=1e-7): write these numbers; "
            "its epsilon stands under the root"
        ),
    },
)
def adagrad(
    groups: Any, *, lr: Positive = 0.01, initial_accumulator_value: NonNegative = 0.0, eps: Positive = 1e-10
) -> Any:
    """Steps of lr g / (sqrt(s) + eps), where s is the sum of all g^2 so far.

    So every weight's rate only falls. lr: learning rate, > 0. initial_accumulator_value: s before the first
    step, >= 0; larger means smaller first steps. eps: keeps the quotient finite, > 0. Made for convex
    problems; deep nets usually stop learning too early with it.
    """
    from ...optim.optimizers.adagrad import Adagrad

    return Adagrad(groups, lr=lr, initial_accumulator_value=initial_accumulator_value, eps=eps)
