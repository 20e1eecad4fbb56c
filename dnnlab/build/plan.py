"""The numbers of the loop from the `training` and `logging` sections."""

from __future__ import annotations

from typing import Any

from ..engine.session import Plan, steps_per_epoch
from ..errors import ConfigError, Problem
from ..registry import Bound, Duration, bind
from .objective import Objective

AUTOMATIC_LOG_STEPS = 50  # rarer costs nothing measurable, oftener does


def make_plan(experiment: Any, rows: int, objective: Objective) -> Plan:
    """The plan of a training on so many rows. Raises `ConfigError` where the optimizer needs the full batch or takes none in pieces."""
    training, logging = experiment.training, experiment.logging
    size = rows if training.batch_size == "full" else min(training.batch_size, rows)
    check_batch(experiment.optimizer, training, size, rows)
    per_epoch = steps_per_epoch(rows, size * training.accumulate)
    total = per_epoch * training.epochs
    ratios = every(logging.update_ratio_every, per_epoch, total)
    return Plan(
        seed=experiment.seed,
        epochs=training.epochs,
        batch_size=size,
        accumulate=training.accumulate,
        eval_every=training.eval_every,
        monitor=objective.monitor,
        better=objective.better,
        max_seconds=None if training.max_minutes is None else training.max_minutes * 60,
        steps_every=(ratios or AUTOMATIC_LOG_STEPS) if logging.steps_every == "auto" else every(logging.steps_every, per_epoch, total),
        probe_every={"update_ratios.jsonl": ratios} if ratios else {},
    )


def make_probes(plan: Plan) -> list[Bound]:
    """The probes that the plan asks for."""
    return [bind("probe", "update_ratio")] if plan.probe_every else []


def every(duration: Duration | None, per_epoch: int, total: int) -> int:
    """A logging interval in steps, at least 1; 0 for none."""
    return 0 if duration is None else max(1, round(duration.steps(per_epoch, total)))


def check_batch(optimizer: Bound, training: Any, size: int, rows: int) -> None:
    """Refuse batches that the optimizer cannot work with."""
    if optimizer.flag("full_batch") and size < rows:
        text = f"received batch_size {training.batch_size}; {optimizer.name} needs the whole training part ({rows:,} rows) in every step"
        raise ConfigError(Problem(text, "full", "training: {batch_size: full}", "training.batch_size", code="full_batch"))
    if optimizer.flag("closure") and training.precision == "fp16":
        text = f"{optimizer.name} evaluates the loss several times a step, which the scaler of fp16 cannot follow"
        raise ConfigError(Problem(text, "fp32 or bf16", "precision: bf16", "training.precision", code="precision"))
