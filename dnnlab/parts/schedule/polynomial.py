"""Polynomial decay."""

from __future__ import annotations

from typing import Any

from ...optim.schedules import decay
from ...registry import Duration, NonNegative, Positive, part


@part(
    "schedule",
    source=(
        "Chen et al. 2017, arXiv:1606.00915, section 4.1 (poly); keras.optimizers.schedules.PolynomialDecay"
    ),
    aliases=("linear",),
    example={"end": 0.001, "power": 2.0, "over": "5 epochs"},
    conversions={
        "torch": (
            "PolynomialLR(total_iters, power): over: total_iters epochs; LinearLR falls by factors of the "
            "rate"
        ),
        "keras": (
            "PolynomialDecay(decay_steps, end_learning_rate=1e-4, power): over: decay_steps steps; end is 0 "
            "by default here"
        ),
    },
    floor="end",
)
def polynomial(
    base: Any,
    total_steps: Any,
    steps_per_epoch: Any,
    *,
    end: NonNegative = 0.0,
    power: Positive = 1.0,
    over: Duration = Duration(100.0, "%"),  # noqa: B008 (never changed)
) -> Any:
    """`end + (lr - end) (1 - t / over)^power`, from `over` on `end`; a straight line for power 1.

    end: the last learning rate, >= 0 and below optimizer.lr. power: > 0. over: a time longer than 0, by
    default the whole training. Raises `ConfigError` where `end` is not below optimizer.lr.
    """
    length = decay.positive_steps(over.steps(steps_per_epoch, total_steps), "over")
    return decay.polynomial(base["lr"], decay.end_below(end, base["lr"]), power, length)
