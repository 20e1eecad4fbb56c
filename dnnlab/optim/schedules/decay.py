"""Learning rates as pure functions of the step (0-based), in plain numbers. Times are in optimizer steps."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

from ...errors import ConfigError, Problem

LrAndMomentum = dict[str, float]


@dataclass(frozen=True)
class Constant:
    """Always the same rate.

    >>> Constant(0.1)(1000)
    {'lr': 0.1}
    """

    lr: float

    def __call__(self, step: int) -> LrAndMomentum:
        """The rate of a step."""
        return {"lr": self.lr}


@dataclass(frozen=True)
class PiecewiseConstant:
    """values[i] from boundaries[i - 1] on, up to the step before boundaries[i].

    >>> [PiecewiseConstant((3, 5), (1.0, 0.5, 0.1))(t)["lr"] for t in range(7)]
    [1.0, 1.0, 1.0, 0.5, 0.5, 0.1, 0.1]
    """

    boundaries: tuple[float, ...]
    values: tuple[float, ...]

    def __call__(self, step: int) -> LrAndMomentum:
        """The rate of a step."""
        return {"lr": self.values[bisect_right(self.boundaries, step)]}


@dataclass(frozen=True)
class Exponential:
    """lr * decay_rate^(t / over); with `staircase` the exponent is rounded down.

    >>> [Exponential(1.0, 0.1, over=10)(t)["lr"] for t in (0, 10, 20)]
    [1.0, 0.1, 0.010000000000000002]
    >>> [Exponential(1.0, 0.5, over=10, staircase=True)(t)["lr"] for t in (0, 9, 10, 19, 20)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    lr: float
    decay_rate: float
    over: float
    staircase: bool = False

    def __call__(self, step: int) -> LrAndMomentum:
        """The rate of a step."""
        exponent = step // self.over if self.staircase else step / self.over
        return {"lr": self.lr * self.decay_rate**exponent}


@dataclass(frozen=True)
class NaturalExponential:
    """lr * e^(-k t / per).

    >>> [round(NaturalExponential(1.0, 0.5, per=10)(t)["lr"], 6) for t in (0, 10, 20)]
    [1.0, 0.606531, 0.367879]
    """

    lr: float
    k: float
    per: float

    def __call__(self, step: int) -> LrAndMomentum:
        """The rate of a step."""
        return {"lr": self.lr * math.exp(-self.k * step / self.per)}


@dataclass(frozen=True)
class Power:
    """lr / (1 + t / over)^c: after `over` steps a half, after twice that a third, then a quarter (c = 1).

    >>> [Power(1.2, over=10)(t)["lr"] for t in (0, 10, 20, 30)]
    [1.2, 0.6, 0.39999999999999997, 0.3]
    """

    lr: float
    over: float
    c: float = 1.0

    def __call__(self, step: int) -> LrAndMomentum:
        """The rate of a step."""
        return {"lr": self.lr / (1 + step / self.over) ** self.c}


@dataclass(frozen=True)
class Polynomial:
    """end + (lr - end) (1 - t / over)^power until `over`, then `end`.

    >>> [Polynomial(1.0, 0.2, 2.0, over=4)(t)["lr"] for t in (0, 2, 4, 5)]
    [1.0, 0.4, 0.2, 0.2]
    """

    lr: float
    end: float
    power: float
    over: float

    def __call__(self, step: int) -> LrAndMomentum:
        """The rate of a step."""
        left = max(0.0, 1 - step / self.over)
        return {"lr": self.end + (self.lr - self.end) * left**self.power}


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
