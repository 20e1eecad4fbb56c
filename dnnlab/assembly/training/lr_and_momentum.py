"""Learning rate and momentum of every step.

They come from the schedule, the warmup on top of it, and a ramp of the momentum.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from ...errors import ConfigError, Problem, error_path
from ...optim.schedules.decay import positive_steps
from ...registry import Bound, Ramp


class Schedule(Protocol):
    """What a part of the kind `schedule` builds."""

    def __call__(self, step: int) -> Mapping[str, float]:
        """{lr} or {lr, momentum} of a step (from 0)."""


@runtime_checkable
class ObservingSchedule(Schedule, Protocol):
    """A schedule that observes the monitor."""

    def observe(self, score: float | None, epoch: int) -> None:
        """Take in the monitor (higher is better) after an epoch."""

    def state(self) -> Mapping[str, Any]:
        """The counters."""

    def load(self, state: Mapping[str, Any]) -> None:
        """Continue from saved counters."""


class ScheduledRates:
    """step -> (learning rate, momentum or None)."""

    def __init__(
        self,
        schedule: Schedule,
        warmup_steps: float,
        ramp: Ramp | None,
        ramp_steps: float,
        tail: tuple[float, float] | None = None,
    ) -> None:
        """tail: (step, rate): from this step on the rate is this one, whatever the schedule says."""
        self.schedule, self.warmup_steps = schedule, warmup_steps
        self.ramp, self.ramp_steps, self.tail = ramp, ramp_steps, tail
        self.observing = schedule if isinstance(schedule, ObservingSchedule) else None

    def __call__(self, step: int) -> tuple[float, float | None]:
        """The warmup is linear from 0: step t of n has t / n of the schedule's rate.

        Source: Goyal et al. 2017, arXiv:1706.02677.
        """
        rates = self.schedule(step)
        lr, momentum = rates["lr"], rates.get("momentum")
        if step < self.warmup_steps:
            lr *= step / self.warmup_steps
        if self.tail is not None and step >= self.tail[0]:
            lr = self.tail[1]
        return lr, momentum if self.ramp is None else self.ramp.at(step, self.ramp_steps)

    def observe(self, score: float | None, epoch: int) -> None:
        """Pass the monitor on to an observing schedule."""
        if self.observing is not None:
            self.observing.observe(score, epoch)

    def state(self) -> dict[str, Any]:
        """The counters of an observing schedule."""
        return {} if self.observing is None else dict(self.observing.state())

    def load(self, state: Mapping[str, Any]) -> None:
        """Restore the counters."""
        if self.observing is not None:
            self.observing.load(state)


def build_rates(
    schedule: Bound,
    optimizer: Bound,
    lr_written: bool,
    steps_per_epoch: int,
    epochs: int,
    tail: tuple[float, float] | None = None,
) -> ScheduledRates:
    """The rates of a training of so many steps. tail: (step, rate from then on).

    Raises `ConfigError` if two settings would set the momentum.
    """
    total = steps_per_epoch * epochs
    if "lr" not in optimizer.keys:
        text, fix = f"{optimizer.name} has no key lr", "add `lr: Positive = 0.01` to its keys"
        raise ConfigError(
            Problem(text, "expected one, which the schedule moves", fix, "optimizer", code="no_lr")
        )
    key = "momentum" if "momentum" in optimizer.keys else "betas"
    momentum = optimizer.keys.get(key)
    momentum = momentum[0] if key == "betas" and momentum is not None else momentum
    ramp = momentum if isinstance(momentum, Ramp) else None
    start = ramp.start if ramp else momentum
    base = {"lr": optimizer.keys["lr"], "momentum": start, "lr_written": lr_written}
    with error_path("schedule"):
        built = schedule(base, total, steps_per_epoch)
    if ramp is not None and "momentum" in built(0):
        raise ConfigError(_momentum_twice(schedule, key))
    warmup_steps = _warmup_steps(schedule, steps_per_epoch, total)
    with error_path(f"optimizer.{key}"):
        ramp_steps = positive_steps(ramp.over.steps(steps_per_epoch, total), "over") if ramp else 0.0
    return ScheduledRates(built, warmup_steps, ramp, ramp_steps, tail)


def _momentum_twice(schedule: Bound, key: str) -> Problem:
    """The problem of a momentum that both the schedule and a ramp set."""
    constant = {"momentum": "momentum: 0.9", "betas": "betas: [0.9, 0.999]"}[key]
    return Problem(
        f"{schedule.name} sets the momentum, and so does the ramp in optimizer.{key}",
        "expected one of them",
        f"write a number: optimizer: {{{constant}}}",
        f"optimizer.{key}",
        code="momentum_twice",
    )


def _warmup_steps(schedule: Bound, steps_per_epoch: int, total: int) -> float:
    """Steps of the warmup, 0 for none. Raises `ConfigError` for a warmup longer than the training."""
    warmup = schedule.common["warmup"]
    steps: float = warmup.steps(steps_per_epoch, total) if warmup else 0.0
    if steps > total:
        raise ConfigError(
            Problem(
                f"the warmup of {warmup} is {steps:g} steps; the whole training has {total}",
                "expected a warmup no longer than the training",
                "schedule: {warmup: 10 %}",
                "schedule.warmup",
                code="warmup",
            )
        )
    return steps
