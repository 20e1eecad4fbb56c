"""A learning rate that changes at written times."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import ceil
from typing import Any

from ...errors import ConfigError, Problem
from ...optim.schedules import decay
from ...registry import Duration, NonNegative, inline, part


@part(
    "schedule",
    source="Geron, Hands-On Machine Learning, ch. 11 (piecewise constant scheduling); Krizhevsky et al. 2012",
    example={"boundaries": ["5 epochs", "10 epochs"], "values": [0.1, 0.01, 0.001]},
    hints={
        "milestones": (
            "schedule: {name: piecewise_constant, boundaries: [5 epochs, 10 epochs], values: [0.1, 0.01, "
            "0.001]}"
        ),
        "gamma": "schedule: {name: step, drop: 0.1, every: 10 epochs}",
    },
    conversions={
        "torch": (
            "MultiStepLR(milestones, gamma): boundaries: milestones as epochs, values: lr, lr * gamma, lr * "
            "gamma^2 ..."
        ),
        "keras": (
            "PiecewiseConstantDecay(boundaries, values): there a value still holds at its boundary, so "
            "boundaries: one step more"
        ),
    },
    peak="values",
    jumps="boundaries",
)
def piecewise_constant(
    base: Any,
    total_steps: Any,
    steps_per_epoch: Any,
    *,
    boundaries: list[Duration],
    values: list[NonNegative],
) -> Any:
    """The first value up to the first boundary, the second from there up to the second boundary, and so on.

    boundaries: times in rising order, each later than 0; a value holds from its boundary (included) to the
    next one (excluded). values: learning rates, >= 0, one more than boundaries; they stand for optimizer.lr,
    which must not say something else. Raises `ConfigError` for unequal lengths, boundaries that do not rise,
    and an optimizer.lr that could not act.
    """
    steps = [round(time.steps(steps_per_epoch, total_steps), 9) for time in boundaries]
    if len(values) != len(boundaries) + 1:
        received = f"received {len(boundaries)} boundaries and {len(values)} values"
        fix = f"write {len(boundaries) + 1} values, or {max(len(values) - 1, 0)} boundaries"
        raise ConfigError(
            Problem(received, "expected one value more than boundaries", fix, "values", code="lengths")
        )
    check_rising(boundaries, steps)

    check_rate(base, values[0])
    return decay.piecewise_constant(tuple(steps), tuple(values))


def check_rising(boundaries: list[Duration], steps: list[float]) -> None:
    """Refuse boundaries that do not rise, and two so close that no step lies between them.

    steps: the boundaries in steps.
    """
    for i, (earlier, later) in enumerate(pairwise([0.0, *steps])):
        before = "0 steps, where training begins" if i == 0 else f"{boundaries[i - 1]} ({earlier:g} steps)"
        received = f"{boundaries[i]} ({later:g} steps) is not later than {before}"
        expected, fix = "expected times in rising order", "leave it out, and one of the values"
        if later < earlier:
            rising = [
                boundary.plain()
                for _, boundary in sorted(zip(steps, boundaries, strict=True), key=lambda pair: pair[0])
            ]
            fix = f"boundaries: {inline(rising)}"
        elif i and later > earlier and ceil(later) == ceil(earlier) and boundaries[i].unit == "steps":
            received = (
                f"no step begins from {boundaries[i - 1]} on and before {boundaries[i]}, so that the value "
                f"between them could never act"
            )
        elif later > earlier:
            continue
        raise ConfigError(Problem(received, expected, fix, f"boundaries.{i}", code="order"))


def check_rate(base: Mapping[str, Any], first: float) -> None:
    """Refuse an optimizer.lr that the values overrule."""
    if base["lr_written"] and base["lr"] != first:
        received = f"the values stand for the learning rate, so optimizer.lr {base['lr']:g} could never act"
        fix = f"leave optimizer.lr out, or write optimizer: {{lr: {first:g}}}"
        raise ConfigError(
            Problem(
                received,
                f"expected the first value, {first:g}, or no optimizer.lr",
                fix,
                "values",
                code="no_effect",
            )
        )
