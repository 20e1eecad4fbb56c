"""The numbers of the loop from the `training` and `logging` sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from ...engine.log_schedule import EverySteps, Look, Spread, Widening
from ...engine.plan import Plan, steps_per_epoch, train_eval_rows
from ...errors import ConfigError, Problem
from ...registry import Bound, Duration, bind
from .objective import WORDS, Objective

Interval = Duration | int | str
AUTOMATIC_LOG_STEPS = 50  # rarer costs nothing measurable, oftener does


def make_plan(experiment: Any, rows: int, objective: Objective) -> Plan:
    """The plan of a training on so many rows.

    Raises `ConfigError` where the optimizer cannot work with the batches or the clipping.
    """
    training, logging = experiment.training, experiment.logging
    size = rows if training.batch_size == "full" else min(training.batch_size, rows)
    check_batch(experiment.optimizer, training, size, rows)
    check_clipping(experiment.optimizer, experiment.gradient_clipping)
    per_epoch = steps_an_epoch(training, rows)
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
        steps_every=(ratios or AUTOMATIC_LOG_STEPS)
        if logging.steps_every == "auto"
        else every(logging.steps_every, per_epoch, total),
        train_eval_rows=train_eval_rows(rows) if logging.train_eval else 0,
        probe_every={
            bound.flag("file"): look_of(interval, bound.name, per_epoch, training.epochs)
            for bound, interval in probes_of(logging, objective.task.target)
        },
    )


def steps_an_epoch(training: Any, rows: int) -> int:
    """Optimizer steps of an epoch on so many rows."""
    size = rows if training.batch_size == "full" else min(training.batch_size, rows)
    return steps_per_epoch(rows, size * training.accumulate)


def probes_of(logging: Any, target: str) -> list[tuple[Bound, Interval]]:
    """The probes that are on, and how often each looks. target: what the task's targets are; a probe that is of no use for them is off.

    Raises `ConfigError` for a name that no probe has, for two times for one probe, and for a probe that is
    asked for and of no use.
    """
    keys = {name: f"{name}_every" for name in ("update_ratio", "gradient_norm", "dead_units", "predictions")}
    keys |= {"activation_stats": "activations_every", "histograms": "histograms"}
    check_once(logging, keys)
    wanted = {name: (getattr(logging, key), f"logging.{key}") for name, key in keys.items()}
    wanted |= {name: (interval, f"logging.probes.{name}") for name, interval in logging.probes.items()}
    probes = []
    for name, (interval, path) in wanted.items():
        if interval is None:
            continue
        try:
            bound = bind("probe", name)
        except ConfigError as error:
            raise error.located(replace(p, path=path) for p in error.problems) from None
        if not bound.flag("targets") or target in bound.flag("targets"):
            probes.append((bound, interval))
        elif interval != "auto":
            words = f"{name} looks at {' or '.join(WORDS[t] for t in sorted(bound.flag('targets')))}; the targets are {WORDS[target]}"
            raise ConfigError(
                Problem(
                    words,
                    "expected auto, or none",
                    f"{path.rpartition('.')[2]}: none",
                    path,
                    code="no_effect",
                )
            )
    return probes


def check_once(logging: Any, keys: Mapping[str, str]) -> None:
    """Raise `ConfigError` where `logging.probes` names a probe whose own key is set too. keys: name -> own key."""
    usual = type(logging)()
    for name, interval in logging.probes.items():
        if name in keys and (own := getattr(logging, keys[name])) not in (None, getattr(usual, keys[name])):
            text = f"{name} looks every {interval}, and {keys[name]} says {own}"
            fix = (
                f"remove it, and write {keys[name]}: {interval}"
                if keys[name].endswith("_every")
                else "remove one"
            )
            raise ConfigError(
                Problem(text, "expected one of them", fix, f"logging.probes.{name}", code="probe_twice")
            )


def look_of(interval: Interval, name: str, per_epoch: int, epochs: int) -> Look:
    """When a probe looks. auto: at epoch ends that lie ever further apart, so that short epochs and long runs are not slowed down."""
    if isinstance(interval, Duration):
        return EverySteps(every(interval, per_epoch, per_epoch * epochs))
    if isinstance(interval, int):
        return Spread(interval, epochs)
    return Widening(4, first=False, last=epochs) if name == "histograms" else Widening(8)


def every(duration: Duration | None, per_epoch: int, total: int) -> int:
    """A logging interval in steps, at least 1; 0 for none."""
    return 0 if duration is None else max(1, round(duration.steps(per_epoch, total)))


def check_tensorboard(logging: Any) -> None:
    """Raise `ConfigError` where event files are asked for and the package that writes them is not installed."""
    if logging.tensorboard and find_spec("tensorboard") is None:
        text = "the package tensorboard is not installed"
        raise ConfigError(
            Problem(
                text,
                "expected it, or false",
                "pip install 'dnnlab[tb]'",
                "logging.tensorboard",
                code="missing_package",
            )
        )


def check_batch(optimizer: Bound, training: Any, size: int, rows: int) -> None:
    """Refuse batches that the optimizer cannot work with."""
    if optimizer.flag("full_batch") and size < rows:
        text = f"received batch_size {training.batch_size}; {optimizer.name} needs the whole training part ({rows:,} rows) in every step"
        raise ConfigError(
            Problem(
                text,
                "expected full",
                "training: {batch_size: full}",
                "training.batch_size",
                code="full_batch",
            )
        )
    if training.accumulate > 1 and size >= rows:
        text = f"accumulate {training.accumulate} sums batches, and one batch holds the whole training part ({rows:,} rows)"
        raise ConfigError(
            Problem(
                text,
                "expected smaller batches, or accumulate 1",
                "accumulate: 1",
                "training.accumulate",
                code="no_effect",
            )
        )
    if optimizer.flag("closure") and training.precision == "fp16":
        text = f"{optimizer.name} evaluates the loss several times a step, which the scaler of fp16 cannot follow"
        raise ConfigError(
            Problem(text, "expected fp32 or bf16", "precision: bf16", "training.precision", code="precision")
        )


def check_clipping(optimizer: Bound, clipping: Bound | None) -> None:
    """Refuse a clipping for an optimizer that reads only signs, which every clipping keeps; a plugin's may do more than shorten."""
    if clipping is not None and optimizer.flag("by_sign") and clipping.entry.origin is None:
        text = (
            f"{optimizer.name} goes by the signs of the gradients, which {clipping.name} leaves as they are"
        )
        fix = "gradient_clipping: none, or another optimizer"
        raise ConfigError(Problem(text, "expected no clipping", fix, "gradient_clipping", code="no_effect"))
