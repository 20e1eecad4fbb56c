"""A short training on a few rows at a constant rate, for checks that need moving weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from ...lazy_torch import torch
from .bench import Bench

if TYPE_CHECKING:
    from ...engine.session import Session

LOOK = 10  # steps between two looks at how well the rows are known
STALLED = 1000  # steps after which a training is given up whose second half gained less than a hundredth
EARLY = 10  # steps whose updates are measured


class StatelessRates:
    """Rates that depend on the step alone."""

    def observe(self, score: float | None, epoch: int) -> None:
        """Nothing is observed."""

    def state(self) -> dict[str, float]:
        """Nothing changes."""
        return {}

    def load(self, state: object) -> None:
        """Nothing changes."""


@dataclass(frozen=True)
class ConstantRate(StatelessRates):
    """One rate for every step, apart from a rise and a fall if the config's schedule has them."""

    lr: float
    """The learning rate."""
    momentum: float | None
    """The momentum; None for the optimizer's own."""
    steps: int
    """Steps of the training."""
    rises: bool = False
    """Whether the first tenth of the steps leads up to the rate."""
    falls: bool = False
    """Whether the last third of the steps leads down to 0."""

    def __call__(self, step: int) -> tuple[float, float | None]:
        """See `Rates`."""
        rise = min(1.0, (step + 1) / (0.1 * self.steps)) if self.rises else 1.0
        fall = min(1.0, 3 * (self.steps - step) / self.steps) if self.falls else 1.0
        return self.lr * rise * fall, self.momentum


@dataclass(frozen=True)
class ShortTraining:
    """How a short training ended."""

    learned: bool
    """Whether the goal was reached."""
    diverged: bool
    """Whether the loss rose without bound."""
    steps: int
    """Steps taken."""
    first: float
    """The loss before the first step."""
    loss: float
    """The last loss."""
    score: float
    """The share of rows answered correctly, or R2."""
    update: float
    """Size of a step's change of the weights, relative to their size."""
    whole: bool
    """Whether it ended by itself, not by the clock."""


def largest_rate(bench: Bench, steps: int, factor: float = 1.0) -> ConstantRate:
    """The largest rate of the config's schedule, times a factor."""
    last, stride = bench.total_steps - 1, max(1, bench.total_steps // 500)
    near = max(range(0, last + 1, stride), key=lambda step: bench.rates(step)[0])
    top = max(
        range(max(0, near - stride), min(last, near + stride) + 1), key=lambda step: bench.rates(step)[0]
    )
    peak, momentum = bench.rates(top)
    return ConstantRate(
        peak * factor,
        momentum,
        steps,
        rises=bench.rates(0)[0] < 0.5 * peak,
        falls=bench.rates(last)[0] < 0.5 * peak,
    )


def start(bench: Bench, rows: torch.Tensor, rates: ConstantRate, seed: int | None = None) -> Session:
    """A session on a few rows, without regularization, whose every step is logged."""
    from ...engine.measure import Running

    session = bench.session(rows, seed=seed)
    session.rates, session.running = rates, Running(session.metrics(), session.device)
    return session


def step_loss(session: Session) -> float:
    """Take one step on all rows. Returns the loss before it; infinity if a number is not finite."""
    return logged_loss(session, torch.arange(len(session.train)))


def logged_loss(session: Session, index: torch.Tensor) -> float:
    """Take one step on some rows, in a session that logs every step. Returns the loss before it.

    Infinity if a number is not finite.
    """
    from ...engine.nonfinite import NonFiniteError
    from ...engine.step import train_step

    try:
        rows = train_step(session, index)
    except NonFiniteError:
        return math.inf
    session.progress.step += 1
    if rows is None:
        raise RuntimeError("the session does not log every step")
    return float(rows["steps.jsonl"]["loss"])


def learn(session: Session, goal: float, wanted: float, steps: int, seconds: float) -> ShortTraining:
    """Train until loss <= `goal` and score >= `wanted`, or until steps or seconds are over."""
    began, first, loss, score, update = perf_counter(), math.nan, math.inf, 0.0, math.nan
    lowest: list[float] = []
    before = {e.name: e.parameter.detach().clone() for e in session.table.trained_weights()}
    for step in range(steps):
        loss = step_loss(session)
        first = loss if step == 0 else first
        lowest.append(min(loss, lowest[-1] if lowest else math.inf))
        if not math.isfinite(loss) or loss > 1e6 * max(abs(first), 1.0):
            return ShortTraining(False, True, step + 1, first, loss, score, update, True)
        if step + 1 == EARLY:
            update = moved(session, before) / EARLY
        if (step + 1) % LOOK == 0 or loss <= goal:
            score = score_of(session)
            if loss <= goal and score >= wanted:
                return ShortTraining(True, False, step + 1, first, loss, score, update, True)
        if step + 1 >= STALLED and lowest[-1] > 0.99 * lowest[step // 2]:
            return ShortTraining(False, loss > first, step + 1, first, loss, score_of(session), update, True)
        if step + 1 >= LOOK and perf_counter() - began > seconds:
            return ShortTraining(False, False, step + 1, first, loss, score, update, False)
    return ShortTraining(False, loss > first, steps, first, loss, score_of(session), update, True)


def moved(session: Session, before: dict[str, torch.Tensor]) -> float:
    """The median over the weights of ||change|| / ||before||."""
    import statistics

    sizes = {name: float(weight.norm()) for name, weight in before.items()}
    changes = {
        e.name: float((e.parameter.detach() - before[e.name]).norm()) for e in session.table.trained_weights()
    }
    ratios = [changes[name] / size for name, size in sizes.items() if size]
    return statistics.median(ratios) if ratios else math.nan


def score_of(session: Session) -> float:
    """The share of right answers among the rows, in training mode; R2 of numbers."""
    with torch.no_grad():
        batch = session.train.rows(slice(None))
        outputs, targets = session.net(batch.inputs).float(), batch.targets
    if session.task.target == "real" or (targets.is_floating_point() and session.task.target != "multi"):
        spread = (targets - targets.mean(0)).square().sum()
        return (
            float(1 - (outputs - targets).square().sum() / spread)
            if spread > 0
            else float(bool(torch.equal(outputs, targets)))
        )
    if session.task.target == "multi":
        return float(((outputs > 0) == (targets > 0.5)).all(1).float().mean())
    answers = (outputs.squeeze(1) > 0).long() if outputs.shape[1] == 1 else outputs.argmax(1)
    return float((answers == targets).float().mean())
