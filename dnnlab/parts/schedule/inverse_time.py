"""Decay with the inverse of time."""

from __future__ import annotations

from typing import Any

from ...optim.schedules import decay
from ...registry import Duration, Positive, part


@part(
    "schedule",
    source="Robbins & Monro 1951; Stanford CS231n notes, 'Annealing the learning rate' (1/t decay)",
    example={"k": 0.5, "per": "2 epochs"},
    conversions={
        "torch": "no scheduler; LambdaLR with 1 / (1 + k * t / per)",
        "keras": "InverseTimeDecay(decay_steps, decay_rate): k: decay_rate, per: decay_steps steps",
    },
)
def inverse_time(
    base: Any,
    total_steps: Any,
    steps_per_epoch: Any,
    *,
    k: Positive,
    per: Duration = Duration(1.0, "epochs"),  # noqa: B008 (never changed)
) -> Any:
    """`lr / (1 + k t)`, with t counted in units of `per`.

    k: the rate of decay, > 0: a half is left at t = 1/k. per: a time longer than 0.
    """
    return decay.power(base["lr"], decay.positive_steps(per.steps(steps_per_epoch, total_steps), "per") / k)
