"""The range test: a training from the first weights, at a rate that rises exponentially."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...config import Config
from ...errors import Problem, UsageError
from ...lazy_torch import torch
from ...registry import bind
from ..check.bench import silent
from ..check.short_training import StatelessRates, logged_loss
from .rules import Curve, Smoother, has_exploded

if TYPE_CHECKING:
    from ...engine.session import Session

Heard = Callable[[int, float, float], None]  # (steps so far, rate, smoothed loss)
LOW, HIGH, STEPS = 1e-7, 10.0, 300
FEWEST, MOST = 50, 100_000


@dataclass(frozen=True)
class Rising(StatelessRates):
    """The rate of each step, by equal factors from `low` to `high`."""

    low: float
    """The first rate."""
    high: float
    """The last rate."""
    steps: int
    """Steps in all."""

    def __call__(self, step: int) -> tuple[float, float | None]:
        """See `Rates`; the momentum is the optimizer's."""
        return self.low * (self.high / self.low) ** (step / (self.steps - 1)), None


def checked(low: float, high: float, steps: int) -> Rising:
    """The rates to walk. Raises `UsageError`."""
    if not (0 < low < high < math.inf):
        text = f"--from {low:g} --to {high:g}"
        raise UsageError(
            Problem(
                text,
                "expected two rates above 0, the larger one second",
                f"--from {LOW:g} --to {HIGH:g}",
                code="usage",
            )
        )
    if not FEWEST <= steps <= MOST:
        raise UsageError(
            Problem(f"--steps {steps}", f"expected {FEWEST} to {MOST:,}", f"--steps {STEPS}", code="usage")
        )
    return Rising(low, high, steps)


def check_optimizer(config: Config) -> None:
    """Refuse an optimizer whose learning rate does not scale its steps. Raises `UsageError`."""
    optimizer = config.experiment.optimizer
    if optimizer.flag("full_batch") or optimizer.flag("closure"):
        why = "works on the whole training part in every step"
    elif optimizer.flag("finds_steps"):
        why = "finds the lengths of its steps by itself"
    else:
        return
    text = f"{optimizer.name} {why}, so a rising rate says nothing"
    problem = Problem(
        text, "expected an optimizer of small steps", "optimizer: {name: adam}", "optimizer", code="no_effect"
    )
    raise UsageError(config.locate(problem))


def walk(config: Config, rates: Rising, heard: Heard = lambda step, lr, loss: None) -> Curve:
    """Take the steps.

    The schedule is set aside and so is a momentum that moves; all else is as in training. Nothing is written.

    Raises what building the config raises.
    """
    session = prepared(config, rates)
    seen: list[float] = []
    losses: list[float] = []
    smoother, lowest, exploded = Smoother(rates.steps), math.inf, False
    for loss in step_losses(session):
        if not math.isfinite(loss):
            exploded = True
            break
        seen.append(rates(len(losses))[0])
        losses.append(loss)
        smoothed = smoother.add(loss)
        heard(len(losses), seen[-1], smoothed)
        lowest = min(lowest, smoothed)
        exploded = has_exploded(smoothed, lowest, losses[0])
        if exploded or len(losses) == rates.steps:
            break
    return Curve(tuple(seen), tuple(losses), rates.steps, "exploded" if exploded else "whole")


def prepared(config: Config, rates: Rising) -> Session:
    """The session of the config's training, with rates of its own, logging every step."""
    from ...assembly.session import build
    from ...engine.measure import Running

    x = config.experiment
    changed = {"schedule": bind("schedule", "constant"), "logging": silent(x.logging)}
    changed["training"] = x.training.model_copy(update={"compile": False})
    session = build(replace(config, experiment=x.model_copy(update=changed))).session
    session.rates, session.averages = rates, []
    session.running = Running(session.metrics(), session.device)
    return session


def step_losses(session: Session) -> Iterator[float]:
    """The loss of each batch, epoch after epoch; infinity if a number is not finite."""
    from ...engine.loop import epoch_order
    from ...engine.step import pieces_of

    while True:
        order = epoch_order(session)
        steps: list[torch.Tensor] = [order[first:last] for first, last in session.plan.step_bounds()]
        with session.train.ahead(piece for step in steps for piece in pieces_of(session, step)):
            for index in steps:
                yield logged_loss(session, index)
        session.progress.epoch += 1
