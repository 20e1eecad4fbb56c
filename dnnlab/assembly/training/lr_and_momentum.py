"""Learning rate and momentum of every step: the schedule, warmup on top of it, and a momentum that is annealed on its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ConfigError, Problem, error_path
from ...optim.schedules.decay import positive_steps
from ...registry import Bound, Ramp


class Rates:
    """step -> (lr, momentum or None).

    `observe`, `state` and `load` reach a schedule that watches the monitor.

    tail: (step, rate): from this step on the rate is this one, whatever the schedule says.
    """

    def __init__(
        self,
        schedule: Any,
        warmup_steps: float,
        ramp: Ramp | None,
        ramp_steps: float,
        tail: tuple[float, float] | None = None,
    ) -> None:
        self.schedule, self.warmup_steps, self.ramp, self.ramp_steps, self.tail = (
            schedule,
            warmup_steps,
            ramp,
            ramp_steps,
            tail,
        )

    def __call__(self, step: int) -> tuple[float, float | None]:
        """Warmup is linear from 0: step t of n has t/n of the schedule's rate (Goyal et al.

        2017, arXiv:1706.02677).
        """
        rates = self.schedule(step)
        lr, momentum = rates["lr"], rates.get("momentum")
        if step < self.warmup_steps:
            lr *= step / self.warmup_steps
        if self.tail is not None and step >= self.tail[0]:
            lr = self.tail[1]
        return lr, momentum if self.ramp is None else self.ramp.at(step, self.ramp_steps)

    def observe(self, score: float | None, epoch: int) -> None:
        """Tell a watching schedule how the epoch went."""
        if hasattr(self.schedule, "observe"):
            self.schedule.observe(score, epoch)

    def state(self) -> dict[str, Any]:
        """The counters of a watching schedule."""
        return dict(self.schedule.state()) if hasattr(self.schedule, "observe") else {}

    def load(self, state: Mapping[str, Any]) -> None:
        """Put the counters back."""
        if hasattr(self.schedule, "observe"):
            self.schedule.load(state)


def build_rates(
    schedule: Bound,
    optimizer: Bound,
    lr_written: bool,
    steps_per_epoch: int,
    epochs: int,
    tail: tuple[float, float] | None = None,
) -> Rates:
    """The rates of a training of so many steps. tail: (step, rate from then on).

    Raises `ConfigError` where two things would set the momentum.
    """
    total = steps_per_epoch * epochs
    if "lr" not in optimizer.keys:
        text = f"{optimizer.name} has no key lr"
        raise ConfigError(
            Problem(
                text,
                "expected one, which the schedule moves",
                "add `lr: Positive = 0.01` to its keys",
                "optimizer",
                code="no_lr",
            )
        )
    momentum = optimizer.keys.get(
        "momentum", optimizer.keys["betas"][0] if "betas" in optimizer.keys else None
    )
    ramp = momentum if isinstance(momentum, Ramp) else None
    place = "optimizer.momentum" if "momentum" in optimizer.keys else "optimizer.betas"
    base = {
        "lr": optimizer.keys["lr"],
        "momentum": ramp.start if ramp else momentum,
        "lr_written": lr_written,
    }
    with error_path("schedule"):
        built = schedule(base, total, steps_per_epoch)
    if ramp is not None and "momentum" in built(0):
        text = f"{schedule.name} sets the momentum, and so does the ramp in {place}"
        fix = "write a number: optimizer: {" + (
            "momentum: 0.9}" if "momentum" in optimizer.keys else "betas: [0.9, 0.999]}"
        )
        raise ConfigError(Problem(text, "expected one of them", fix, place, code="momentum_twice"))
    warmup = schedule.common["warmup"]
    warmup_steps = warmup.steps(steps_per_epoch, total) if warmup else 0.0
    if warmup_steps > total:
        text = f"the warmup of {warmup} is {warmup_steps:g} steps; the whole training has {total}"
        problem = Problem(
            text,
            "expected a warmup no longer than the training",
            "schedule: {warmup: 10 %}",
            "schedule.warmup",
            code="warmup",
        )
        raise ConfigError(problem)
    with error_path(place):
        ramp_steps = positive_steps(ramp.over.steps(steps_per_epoch, total), "over") if ramp else 0.0
    return Rates(built, warmup_steps, ramp, ramp_steps, tail)
