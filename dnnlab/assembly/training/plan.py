"""The numbers of the training loop, from the sections `training` and `logging`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec

from ...config.sections import Experiment, Logging, Training
from ...engine.log_schedule import EverySteps, LogSchedule, SpreadEpochs, WideningEpochs
from ...engine.plan import Plan, train_eval_rows
from ...errors import ConfigError, Problem
from ...registry import Bound, Duration, bind, entries
from ...steps import rows_per_batch, steps_per_epoch
from .objective import WORDS, Objective

Interval = Duration | int | str
AUTOMATIC_LOG_STEPS = 50  # more rows would cost measurable time


def make_plan(experiment: Experiment, rows: int, objective: Objective) -> Plan:
    """The plan of a training on so many rows.

    Raises `ConfigError` if the optimizer cannot work with the batches or the clipping.
    """
    training, logging = experiment.training, experiment.logging
    size = rows_per_batch(rows, training.batch_size)
    check_batch(experiment.optimizer, training, size, rows)
    check_clipping(experiment.optimizer, experiment.gradient_clipping)
    per_epoch = steps_per_epoch(rows, size, training.accumulate)
    return Plan(
        seed=experiment.seed,
        rows=rows,
        epochs=training.epochs,
        batch_size=size,
        accumulate=training.accumulate,
        eval_every=training.eval_every,
        monitor=objective.monitor,
        better=objective.better,
        max_seconds=None if training.max_minutes is None else training.max_minutes * 60,
        steps_every=steps_log_interval(logging, per_epoch, per_epoch * training.epochs),
        train_eval_rows=train_eval_rows(rows) if logging.train_eval else 0,
        probe_every={
            bound.flag("file"): log_schedule(bound, interval, per_epoch, training.epochs)
            for bound, interval in chosen_probes(logging, objective.task.target)
        },
    )


def chosen_probes(logging: Logging, target: str) -> list[tuple[Bound, Interval]]:
    """The probes that are on, each with its interval. target: kind of the task's targets.

    A probe that has no use for such targets is off. Raises `ConfigError` for an unknown probe, for two
    intervals of one probe, and for a probe that the user asks for and that has no use.
    """
    keys = {entry.name: key for entry in entries("probe") if (key := entry.flags["logging_key"]) is not None}
    check_once(logging, keys)
    order = list(type(logging).model_fields)
    wanted = {
        name: (getattr(logging, key), f"logging.{key}")
        for name, key in sorted(keys.items(), key=lambda item: order.index(item[1]))
    }
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
            raise ConfigError(_useless_probe(bound, target, path))
    return probes


def _useless_probe(probe: Bound, target: str, path: str) -> Problem:
    """The problem of a probe that has no use for the targets."""
    suited = " or ".join(WORDS[t] for t in sorted(probe.flag("targets")))
    return Problem(
        f"{probe.name} looks at {suited}; the targets are {WORDS[target]}",
        "expected auto, or none",
        f"{path.rpartition('.')[2]}: none",
        path,
        code="no_effect",
    )


def check_once(logging: Logging, keys: Mapping[str, str]) -> None:
    """Raise `ConfigError` if `logging.probes` names a probe whose own key is set too.

    keys: name of a probe -> its own key.
    """
    defaults = type(logging)()
    for name, interval in logging.probes.items():
        key = keys.get(name)
        if key is None or (own := getattr(logging, key)) in (None, getattr(defaults, key)):
            continue
        text = f"{name} looks every {interval}, and {key} says {own}"
        fix = f"remove it, and write {key}: {interval}" if key.endswith("_every") else "remove one"
        raise ConfigError(
            Problem(text, "expected one of them", fix, f"logging.probes.{name}", code="probe_twice")
        )


def log_schedule(probe: Bound, interval: Interval, per_epoch: int, epochs: int) -> LogSchedule:
    """The steps in which a probe is logged.

    auto: at the ends of epochs that get rarer, so that neither short epochs nor long runs are slowed down.
    """
    if isinstance(interval, Duration):
        return EverySteps(steps_of(interval, per_epoch, per_epoch * epochs))
    if isinstance(interval, int):
        return SpreadEpochs(interval, epochs)
    return WideningEpochs(4, first=False, last=epochs) if probe.flag("large_rows") else WideningEpochs(8)


def steps_log_interval(logging: Logging, per_epoch: int, total: int) -> int:
    """Steps from one row of steps.jsonl to the next; 0 for none."""
    if logging.steps_every != "auto":
        return steps_of(logging.steps_every, per_epoch, total)
    return steps_of(logging.update_ratio_every, per_epoch, total) or AUTOMATIC_LOG_STEPS


def steps_of(duration: Duration | None, per_epoch: int, total: int) -> int:
    """A logging interval in steps, at least 1; 0 for none."""
    return 0 if duration is None else max(1, round(duration.steps(per_epoch, total)))


def check_tensorboard(logging: Logging) -> None:
    """Raise `ConfigError` if event files are asked for and the package that writes them is missing."""
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


def check_batch(optimizer: Bound, training: Training, size: int, rows: int) -> None:
    """Raise `ConfigError` for batches that the optimizer cannot work with."""
    whole = f"the whole training part ({rows:,} rows)"
    if optimizer.flag("full_batch") and size < rows:
        text = f"received batch_size {training.batch_size}; {optimizer.name} needs {whole} in every step"
        expected, fix = "expected full", "training: {batch_size: full}"
        raise ConfigError(Problem(text, expected, fix, "training.batch_size", code="full_batch"))
    if training.accumulate > 1 and size >= rows:
        text = f"accumulate {training.accumulate} sums batches, and one batch holds {whole}"
        expected, fix = "expected smaller batches, or accumulate 1", "accumulate: 1"
        raise ConfigError(Problem(text, expected, fix, "training.accumulate", code="no_effect"))
    if optimizer.flag("closure") and training.precision == "fp16":
        several = f"{optimizer.name} evaluates the loss several times a step"
        text = f"{several}, which the scaler of fp16 cannot follow"
        expected, fix = "expected fp32 or bf16", "precision: bf16"
        raise ConfigError(Problem(text, expected, fix, "training.precision", code="precision"))


def check_clipping(optimizer: Bound, clipping: Bound | None) -> None:
    """Raise `ConfigError` for a clipping of gradients of which the optimizer reads the signs alone.

    Every built-in clipping keeps the signs; one of a plugin may do more.
    """
    if clipping is not None and optimizer.flag("by_sign") and clipping.entry.origin is None:
        text = (
            f"{optimizer.name} goes by the signs of the gradients, which {clipping.name} leaves as they are"
        )
        fix = "gradient_clipping: none, or another optimizer"
        raise ConfigError(Problem(text, "expected no clipping", fix, "gradient_clipping", code="no_effect"))
