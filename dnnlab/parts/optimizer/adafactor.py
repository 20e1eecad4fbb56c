"""Adafactor."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Ge, Lt

from ...errors import ConfigError, Problem
from ...registry import NonNegative, Positive, part

BelowZero = Annotated[float, Lt(0)]
FromOne = Annotated[float, Ge(1)]


@part(
    "optimizer",
    source=(
        "Shazeer & Stern 2018, Adafactor: adaptive learning rates with sublinear memory cost, "
        "arXiv:1804.04235"
    ),
    example={"lr": 0.05, "beta2_decay": -0.5, "relative_step": False, "scale_parameter": False},
    hints={
        "learning_rate": "optimizer: {name: adafactor, lr: 0.01}",
        "wd": "weight_decay: {value}",
        "beta_2_decay": "beta2_decay: {value}",
        "decay_rate": "beta2_decay: {value}",
        "d": "clip_threshold: {value}",
        "epsilon_1": "eps: [{value}, 1e-3]",
        "epsilon_2": "eps: [1e-30, {value}]",
        "warmup_init": "schedule: {name: constant, warmup: 5 epochs}",
        "beta1": "leave it out: there is no momentum here",
        "momentum": "optimizer: {name: adamw, betas: [0.9, 0.999]}",
    },
    conversions={
        "torch": (
            "torch.optim.Adafactor(lr, beta2_decay, eps, d): d is clip_threshold; the square of its eps[0] "
            "bounds the mean squares from below, here eps[0] is added to g^2; its default eps[0] is 1.2e-7 "
            "in float32, here 1e-30; biases do not decay here"
        ),
        "keras": (
            "Adafactor(learning_rate=1e-3, beta_2_decay, epsilon_1, epsilon_2, clip_threshold): beta2_decay, "
            "eps: [epsilon_1, epsilon_2]; its steps stay relative under relative_step=False too (3.15)"
        ),
    },
)
def adafactor(
    groups: Any,
    *,
    lr: Positive = 0.01,
    beta2_decay: BelowZero = -0.8,
    eps: tuple[Positive, Positive] = (1e-30, 1e-3),
    clip_threshold: FromOne = 1.0,
    relative_step: bool = True,
    scale_parameter: bool = True,
    weight_decay: NonNegative = 0.0,
) -> Any:
    """Adam without momentum, with mean squares by row and column, and steps relative to the weights.

    Two vectors take the place of a matrix of mean squares. lr: largest relative step, > 0. beta2_decay: the
    means keep 1 - t^beta2_decay of their old value in step t = 1, 2, ...; < 0. eps: added to g^2, and the
    least size a tensor counts with. clip_threshold: largest root mean square of a step before lr, >= 1.
    relative_step: min(lr, 1/sqrt(t)) instead of lr. scale_parameter: steps are multiplied by the root mean
    square of the tensor's weights. weight_decay: weights shrink by lr * weight_decay a step, >= 0; not
    biases. Raises `ConfigError` for an eps that cannot act.
    """
    if not scale_parameter and eps[1] != 1e-3:
        received = f"eps[1] is {eps[1]:g}, but scale_parameter is false"
        raise ConfigError(
            Problem(
                received,
                "expected steps that it can act on",
                "scale_parameter: true",
                "eps",
                code="no_effect",
            )
        )

    from ...optim.optimizers.adafactor import Adafactor

    return Adafactor(
        groups,
        lr=lr,
        beta2_decay=beta2_decay,
        eps=eps,
        clip_threshold=clip_threshold,
        relative_step=relative_step,
        scale_parameter=scale_parameter,
        weight_decay=weight_decay,
    )
