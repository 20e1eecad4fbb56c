"""Exponential decay with a rate."""

from __future__ import annotations

from typing import Any

from ...optim.schedules import decay
from ...registry import Duration, Positive, part


@part(
    "schedule",
    source="Stanford CS231n notes, 'Annealing the learning rate' (exponential decay)",
    example={"k": 0.5, "per": "2 epochs"},
    conversions={
        "torch": "ExponentialLR(gamma): k: -ln(gamma)",
        "keras": "ExponentialDecay(decay_steps, decay_rate): k: -ln(decay_rate), per: decay_steps steps",
    },
)
def natural_exponential(
    base: Any,
    total_steps: Any,
    steps_per_epoch: Any,
    *,
    k: Positive,
    per: Duration = Duration(1.0, "epochs"),  # noqa: B008 (never changed)
) -> Any:
    """`lr * e^(-k t)`, with t counted in units of `per`.

    k: the rate of decay, > 0: after `per` e^-k of the rate is left. per: a time longer than 0.
    """
    return decay.natural_exponential(
        base["lr"], k, decay.positive_steps(per.steps(steps_per_epoch, total_steps), "per")
    )
