"""The numbers of the loop from the `training` and `logging` sections."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..engine.plan import Plan, steps_per_epoch
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
        probe_every={bound.flag("file"): every(interval, per_epoch, total) for bound, interval in probes_of(logging)},
    )


def probes_of(logging: Any) -> list[tuple[Bound, Duration]]:
    """The probes that are on, and how often each looks. Raises `ConfigError` for a name that no probe has."""
    wanted = {"update_ratio": logging.update_ratio_every, "gradient_norm": logging.gradient_norm_every, **logging.probes}
    probes = []
    for name, interval in wanted.items():
        if interval is None:
            continue
        try:
            probes.append((bind("probe", name), interval))
        except ConfigError as error:
            raise error.located(replace(p, path=f"logging.probes.{name}") for p in error.problems) from None
    return probes


def every(duration: Duration | None, per_epoch: int, total: int) -> int:
    """A logging interval in steps, at least 1; 0 for none."""
    return 0 if duration is None else max(1, round(duration.steps(per_epoch, total)))


def check_batch(optimizer: Bound, training: Any, size: int, rows: int) -> None:
    """Refuse batches that the optimizer cannot work with."""
    if optimizer.flag("full_batch") and size < rows:
        text = f"received batch_size {training.batch_size}; {optimizer.name} needs the whole training part ({rows:,} rows) in every step"
        raise ConfigError(Problem(text, "expected full", "training: {batch_size: full}", "training.batch_size", code="full_batch"))
    if training.accumulate > 1 and size >= rows:
        text = f"accumulate {training.accumulate} sums batches, and one batch holds the whole training part ({rows:,} rows)"
        raise ConfigError(
            Problem(text, "expected smaller batches, or accumulate 1", "accumulate: 1", "training.accumulate", code="no_effect")
        )
    if optimizer.flag("closure") and training.precision == "fp16":
        text = f"{optimizer.name} evaluates the loss several times a step, which the scaler of fp16 cannot follow"
        raise ConfigError(Problem(text, "expected fp32 or bf16", "precision: bf16", "training.precision", code="precision"))
