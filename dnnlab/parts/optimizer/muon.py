"""Muon."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem
from ...registry import Fraction, Momentum, NonNegative, Positive, PositiveInt, is_still, part, start_of


@part(
    "optimizer",
    source=(
        "Jordan 2024, Muon: an optimizer for hidden layers in neural networks; Loshchilov & Hutter 2019, "
        "arXiv:1711.05101 (AdamW)"
    ),
    example={"lr": 0.05, "ns_steps": 4, "adamw_lr": 0.01, "weight_decay": 0.01},
    hints={"learning_rate": "optimizer: {name: muon, lr: 0.02}"},
    min_ndim=2,
    conversions={
        "torch": (
            "torch.optim.Muon(lr=1e-3, weight_decay=0.1) takes matrices alone; here lr 0.02 and no decay by "
            "default, and AdamW for the rest is included"
        ),
        "keras": (
            "Muon(learning_rate=1e-3, weight_decay=0.004): its steps are 0.2 sqrt(max(rows, columns)) long, "
            "so lr is that times its rate, divided by sqrt(max(1, rows / columns)); a convolution takes "
            "Adam's step there; AdamW's rate is adam_lr_ratio times lr there, adamw_lr here"
        ),
    },
)
def muon(
    groups: Any,
    *,
    lr: Positive = 0.02,
    momentum: Momentum = 0.95,
    nesterov: bool | None = None,
    ns_steps: PositiveInt = 5,
    adamw_lr: Positive = 3e-4,
    adamw_betas: tuple[Fraction, Fraction] = (0.9, 0.999),
    adamw_eps: Positive = 1e-8,
    weight_decay: NonNegative = 0.0,
) -> Any:
    """Hidden weights move along their orthogonalized momentum; AdamW updates everything else.

    All singular values of the step are near 1. A convolution counts as the matrix (filters, channels * height
    * width). The step is lr sqrt(max(1, rows / columns)) long per singular direction. lr, momentum: of the
    matrices; momentum may be {from: 0.5, to: 0.95, over: 10 epochs}. nesterov: their momentum looks one step
    ahead; none: wherever there is a momentum. ns_steps: Newton-Schulz iterations, in bfloat16. adamw_lr,
    adamw_betas, adamw_eps: of biases, the output layer and normalization; a schedule moves both rates in
    proportion. weight_decay: weights shrink by lr * weight_decay a step, >= 0; not biases. Raises
    `ConfigError` where no hidden layer learns, and for nesterov without momentum.
    """
    if not any(group.get("matrix") for group in groups):
        raise ConfigError(
            Problem(
                "muon found no hidden matrix that learns",
                "expected a hidden layer that is not frozen",
                "optimizer: {name: adam, lr: 1e-3}",
                code="no_effect",
            )
        )
    if nesterov and is_still(momentum):
        received = "nesterov is true, but momentum is 0"
        raise ConfigError(
            Problem(
                received,
                "expected a momentum that it can act on",
                "momentum: 0.95",
                "nesterov",
                code="no_effect",
            )
        )
    if ns_steps >= 100:
        raise ConfigError(
            Problem(
                f"received {ns_steps} iterations",
                "expected fewer than 100",
                "ns_steps: 5",
                "ns_steps",
                code="out_of_range",
            )
        )

    from ...optim.optimizers.muon import AdamWSettings, Muon

    return Muon(
        groups,
        lr=lr,
        momentum=start_of(momentum),
        nesterov=not is_still(momentum) if nesterov is None else nesterov,
        ns_steps=ns_steps,
        others=AdamWSettings(adamw_lr, adamw_betas, adamw_eps),
        weight_decay=weight_decay,
    )
