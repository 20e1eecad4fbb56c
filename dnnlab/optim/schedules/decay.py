"""Learning rates as pure functions of the step (0-based), in plain numbers. Times are in optimizer steps."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence

from ...errors import ConfigError, Problem

LrAndMomentum = dict[str, float]
Rates = Callable[[int], LrAndMomentum]


def constant(lr: float) -> Rates:
    """Always the same rate.

    >>> constant(0.1)(1000)
    {'lr': 0.1}
    """
    return lambda step: {"lr": lr}


def piecewise_constant(boundaries: Sequence[float], values: Sequence[float]) -> Rates:
    """values[i] from boundaries[i - 1] on, up to the step before boundaries[i].

    >>> [piecewise_constant((3, 5), (1.0, 0.5, 0.1))(t)["lr"] for t in range(7)]
    [1.0, 1.0, 1.0, 0.5, 0.5, 0.1, 0.1]
    """
    return lambda step: {"lr": values[bisect_right(boundaries, step)]}


def exponential(lr: float, decay_rate: float, over: float, staircase: bool = False) -> Rates:
    """Lr * decay_rate^(t / over); with `staircase` the exponent is rounded down.

    >>> [exponential(1.0, 0.1, over=10)(t)["lr"] for t in (0, 10, 20)]
    [1.0, 0.1, 0.010000000000000002]
    >>> [exponential(1.0, 0.5, over=10, staircase=True)(t)["lr"] for t in (0, 9, 10, 19, 20)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    return lambda step: {"lr": lr * decay_rate ** (step // over if staircase else step / over)}


def natural_exponential(lr: float, k: float, per: float) -> Rates:
    """Lr * e^(-k t / per).

    >>> [round(natural_exponential(1.0, 0.5, per=10)(t)["lr"], 6) for t in (0, 10, 20)]
    [1.0, 0.606531, 0.367879]
    """
    return lambda step: {"lr": lr * math.exp(-k * step / per)}


def power(lr: float, over: float, c: float = 1.0) -> Rates:
    """Lr / (1 + t / over)^c: after `over` steps a half, after twice that a third, then a quarter (c = 1).

    >>> [power(1.2, over=10)(t)["lr"] for t in (0, 10, 20, 30)]
    [1.2, 0.6, 0.39999999999999997, 0.3]
    """
    return lambda step: {"lr": lr / (1 + step / over) ** c}


def polynomial(lr: float, end: float, power: float, over: float) -> Rates:
    """End + (lr - end) (1 - t / over)^power until `over`, then `end`.

    >>> [polynomial(1.0, 0.2, 2.0, over=4)(t)["lr"] for t in (0, 2, 4, 5)]
    [1.0, 0.4, 0.2, 0.2]
    """
    return lambda step: {"lr": end + (lr - end) * max(0.0, 1 - step / over) ** power}


def positive_steps(steps: float, key: str) -> float:
    """A length in steps that is not zero, without the dust of multiplying (0.7 * 10).

    Raises `ConfigError` for zero.
    """
    if steps <= 0:
        raise ConfigError(
            Problem(
                f"{key} lasts 0 steps",
                "expected a time longer than 0",
                f"{key}: 5 epochs",
                key,
                code="out_of_range",
            )
        )
    return round(steps, 9)


def end_below(end: float, lr: float) -> float:
    """The rate at which a decay ends.

    Raises `ConfigError` where that is not below the rate that it begins with.
    """
    if end < lr:
        return end
    received = f"end {end:g} is not below optimizer.lr {lr:g}, so the rate could not fall"
    raise ConfigError(
        Problem(received, "expected a smaller number", f"end: {lr / 1000:g}", "end", code="out_of_range")
    )
