"""Cyclical learning rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ConfigError, Problem
from ...optim.schedules import cosine_triangular, decay
from ...registry import Duration, Positive, part


@part(
    "schedule",
    source="Smith 2017, arXiv:1506.01186 (the triangular policy)",
    aliases=("cyclic",),
    example={"base": 0.01, "max": 0.5, "half_cycle": "1 epochs"},
    hints={
        "base_lr": "schedule: {name: triangular, base: 0.001}",
        "max_lr": "schedule: {name: triangular, max: 0.1}",
        "step_size_up": "schedule: {name: triangular, half_cycle: 2 epochs}",
    },
    conversions={
        "torch": (
            'CyclicLR(base_lr, max_lr, step_size_up, mode="triangular", cycle_momentum=False): half_cycle: '
            "step_size_up steps"
        ),
        "keras": "no such schedule; the books write it as a callback",
    },
    peak="max",
    start="base",
    starts_at_lr=True,
    traits=frozenset({"rises_again"}),
)
def triangular(
    rates: Any,
    total_steps: Any,
    steps_per_epoch: Any,
    /,
    *,
    base: Positive | None = None,
    max: Positive,
    half_cycle: Duration,
) -> Any:
    """Straight lines from `base` up to `max` and down again, over and over; each line lasts half_cycle.

    base: the lowest learning rate, > 0; none: optimizer.lr. max: the highest, above base. half_cycle: a time
    longer than 0 and not longer than the training (Smith: 2 to 10 epochs). Raises `ConfigError` for times and
    rates that are not so, and where base and optimizer.lr are both written but differ.
    """
    low = lowest(rates, base)
    if max <= low:
        received = f"max {max:g} is not above the base {low:g}"
        raise ConfigError(
            Problem(received, "expected a higher number", f"max: {10 * low:g}", "max", code="out_of_range")
        )
    steps = decay.positive_steps(half_cycle.steps(steps_per_epoch, total_steps), "half_cycle")
    if steps > total_steps:
        received = (
            f"half_cycle {half_cycle} is {steps:g} steps; the whole training has {total_steps}, so `max` is "
            f"never reached"
        )
        raise ConfigError(
            Problem(
                received,
                "expected a time within the training",
                "half_cycle: 50 %",
                "half_cycle",
                code="too_long",
            )
        )
    return cosine_triangular.triangular(low, max, steps)


def lowest(rates: Mapping[str, Any], base: float | None) -> float:
    """Where the lines begin. Refuses an optimizer.lr that `base` overrules."""
    if base is not None and rates["lr_written"] and rates["lr"] != base:
        received = (
            f"base {base:g} stands for the learning rate, so optimizer.lr {rates['lr']:g} could never act"
        )
        raise ConfigError(
            Problem(
                received, "expected one of base and optimizer.lr", "leave base out", "base", code="no_effect"
            )
        )
    return rates["lr"] if base is None else base
