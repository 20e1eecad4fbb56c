"""FTRL-Proximal."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from annotated_types import Le

from ...errors import ConfigError, Problem
from ...registry import NonNegative, Positive, part

UpToZero = Annotated[float, Le(0)]


@part(
    "optimizer",
    aliases=("ftrl_proximal",),
    source=(
        "McMahan et al. 2013, Ad click prediction: a view from the trenches; McMahan 2011 (its equality "
        "with AdaGrad)"
    ),
    example={
        "lr": 0.2,
        "l1": 1e-4,
        "l2": 1e-4,
        "l2_shrinkage": 0.01,
        "learning_rate_power": -0.4,
        "beta": 0.1,
    },
    hints={
        "learning_rate": "optimizer: {name: ftrl, lr: 0.05}",
        "alpha": "lr: {value}",
        "lambda1": "l1: {value}",
        "lambda2": "l2: {value}",
        "l1_regularization_strength": "l1: {value}",
        "l2_regularization_strength": "l2: 0.2 for Keras' 0.1; the penalty is l2/2 * w^2 here",
        "l2_shrinkage_regularization_strength": (
            "l2_shrinkage: 0.2 for Keras' 0.1; it adds l2_shrinkage * w to g here"
        ),
        "weight_decay": "l2_shrinkage: {value}",
        "lr_power": "learning_rate_power: {value}",
        "initial_accumulator": "initial_accumulator_value: {value}",
        "momentum": "optimizer: {name: rmsprop, momentum: 0.9}",
    },
    conversions={
        "torch": (
            "torch has none; without penalties it is torch.optim.Adagrad(lr, initial_accumulator_value, "
            "eps=beta)"
        ),
        "keras": (
            "Ftrl(learning_rate=1e-3, l1_regularization_strength=a, l2_regularization_strength=b, "
            "l2_shrinkage_regularization_strength=c) is l1: a, l2: 2b, l2_shrinkage: 2c, start: zero; "
            "its weights jump when a "
            "schedule changes the rate, here they do not; it penalizes biases too"
        ),
    },
)
def ftrl(
    groups: Any,
    *,
    lr: Positive = 0.05,
    l1: NonNegative = 0.0,
    l2: NonNegative = 0.0,
    l2_shrinkage: NonNegative = 0.0,
    learning_rate_power: UpToZero = -0.5,
    initial_accumulator_value: NonNegative = 0.1,
    beta: NonNegative = 0.0,
    start: Literal["weights", "zero"] = "weights",
) -> Any:
    """Follow the regularized leader: weights that would have been best so far, with penalties.

    They are best for all gradients (as linear losses) + l1 |w| + l2/2 w^2 + closeness to all weights before.
    l1 makes weights exactly 0. Without penalties it is AdaGrad. lr: learning rate, > 0. l1, l2: penalties on
    the sum of losses, >= 0; weights only, not biases. l2_shrinkage: adds l2_shrinkage * w to every gradient,
    but not to n, >= 0; weights only. learning_rate_power: rates are lr / (n^-learning_rate_power + beta),
    where n is initial_accumulator_value + the sum of g^2; <= 0. initial_accumulator_value, beta: >= 0, not
    both 0. start: weights begins at the initial weights; zero pulls towards 0 from the first step on, as in
    Keras, which nearly erases initial weights with small gradients. Raises `ConfigError` where 0 / 0 would
    arise.
    """
    if initial_accumulator_value == 0 and beta == 0 and learning_rate_power < 0:
        received = (
            "initial_accumulator_value and beta are both 0, so a weight whose gradient is 0 would become 0 "
            "/ 0"
        )
        raise ConfigError(
            Problem(
                received,
                "expected one of them above 0",
                "beta: 1",
                "initial_accumulator_value",
                code="out_of_range",
            )
        )

    from ...optim.optimizers.ftrl import Ftrl, Penalties

    return Ftrl(
        groups,
        lr=lr,
        penalties=Penalties(l1, l2, l2_shrinkage),
        learning_rate_power=learning_rate_power,
        initial_accumulator_value=initial_accumulator_value,
        beta=beta,
        start=start,
    )
