"""What is learned and how it is measured: task, loss, metrics, monitor.

Parts that cannot work together are refused here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...config.sections import Experiment
from ...data.prepare.facts import DataFacts
from ...errors import ConfigError, Problem, error_path
from ...nn.batch import Task
from ...registry import Bound, bind, close_key
from ..network.without_torch import tried

WORDS = {
    "index": "one class of several",
    "multi": "several labels at once",
    "real": "numbers",
    "soft": "soft targets",
}
"""Kinds of targets, for messages."""
AUTOMATIC_LOSS = {"index": "cross_entropy", "multi": "binary_cross_entropy", "real": "mse"}
"""Kind of targets -> what `loss: auto` means for them."""
AUTOMATIC_METRICS = {
    "index": ("accuracy",),
    "multi": ("accuracy",),
    "real": ("r2", "mae", "rmse"),
    "input": ("rmse",),
}
"""Kind of targets ("input": the net learns its own inputs) -> what `metrics: auto` means for them."""


@dataclass(frozen=True)
class Objective:
    """What is minimized and what is measured."""

    task: Task
    loss_part: Bound
    metric_parts: tuple[Bound, ...]
    monitor: str
    """The measure that decides which epoch is best."""
    better: str
    """Direction of the monitor: "max" or "min"."""

    @cached_property
    def loss(self) -> Callable[..., Any]:
        """The loss function, fn(outputs, batch)."""
        with error_path("loss"):
            loss: Callable[..., Any] = self.loss_part(self.task)
        return loss

    def metrics(self) -> dict[str, Any]:
        """Fresh metrics by name."""
        return {part.name: part(self.task) for part in self.metric_parts}


def choose_loss(loss: Bound | str, target: str, classes: int) -> Bound:
    """The loss of a config; `loss: auto` goes by the targets. Two classes take one output."""
    if isinstance(loss, Bound):
        return loss
    return bind("loss", AUTOMATIC_LOSS["multi" if target == "index" and classes == 2 else target])


def make_task(
    loss: Bound,
    target: str,
    classes: int,
    width: int,
    names: Sequence[str],
    scaling: Sequence[Sequence[float]] | None = None,
) -> Task:
    """The task of a loss. Raises `ConfigError` if the loss does not fit the targets.

    width: numbers in a target row. scaling: (offset, scale) of scaled real targets, one number a target.
    """
    if target not in loss.flag("targets") or (loss.flag("one_output") and target == "index" and classes != 2):
        several = f" ({classes} classes)" if target == "index" else ""
        text = f"{loss.name} does not fit targets that are {WORDS[target]}{several}"
        fitting = choose_loss("auto", target, classes).name
        raise ConfigError(
            Problem(
                text, f"expected a loss for them, such as {fitting}", "loss: auto", "loss", code="loss_target"
            )
        )
    one = loss.flag("one_output") and target == "index"
    outputs = 1 if one else classes if target in ("index", "multi") else width
    offset, scale = (
        ((0.0,) * max(width, 1), (1.0,) * max(width, 1))
        if scaling is None
        else (tuple(numbers) for numbers in scaling)
    )
    return Task(target, classes, outputs, tuple(names), offset, scale)


def make_objective(
    task: Task,
    loss: Bound,
    metrics: Sequence[Bound] | str,
    monitor: str,
    validated: bool,
    target_is_input: bool,
    averages: Sequence[str] = (),
) -> Objective:
    """Loss, metrics and monitor for a task. Raises `ConfigError` for metrics or a monitor that cannot be.

    averages: the suffixes under which averaged weights are measured (`val_accuracy_ema`).
    """
    if isinstance(metrics, str):
        words = AUTOMATIC_METRICS["input" if target_is_input else task.target]
        metrics = [bind("metrics", word) for word in words]
    check_metrics(metrics, task)
    better = {"loss": "min", **{m.name: m.flag("better") for m in metrics}}
    monitor, direction = choose_monitor(monitor, better, validated, averages)
    with error_path("loss"):
        tried(loss, task)
    return Objective(task, loss, tuple(metrics), monitor, direction)


def check_metrics(metrics: Sequence[Bound], task: Task) -> None:
    """Raise `ConfigError` for metrics that do not fit the task, are listed twice, or refuse it themselves."""
    for i, metric in enumerate(metrics):
        if metric.flag("targets") and task.target not in metric.flag("targets"):
            text = f"{metric.name} does not fit targets that are {WORDS[task.target]}"
            expected, fix, code = "expected another metric", "metrics: auto", "metric_target"
            raise ConfigError(Problem(text, expected, fix, f"metrics.{i}", code=code))
        if metric.name in [other.name for other in metrics[:i]]:
            text = f"{metric.name} is listed twice, and both would be called val_{metric.name}"
            expected, fix, code = "expected each metric once", "remove one of them", "metric_twice"
            raise ConfigError(Problem(text, expected, fix, f"metrics.{i}", code=code))
        # A metric that cannot be measured is refused before anything is created.
        with error_path(f"metrics.{i}"):
            tried(metric, task)


def choose_monitor(
    word: str, better: Mapping[str, str], validated: bool, averages: Sequence[str] = ()
) -> tuple[str, str]:
    """The monitor and its direction; auto is the first validation metric, else val_loss, else train_loss."""
    if word == "auto":
        measured = [name for name in better if name != "loss"]
        word = f"val_{measured[0] if measured else 'loss'}" if validated else "train_loss"
    known = {f"{part}_{name}": way for part in ("train", "val") for name, way in better.items()}
    known |= {f"val_{name}_{suffix}": way for suffix in averages for name, way in better.items()}
    if word not in known:
        close = close_key(word, list(known))
        fix = f"did you mean {close}?" if close else ""
        raise ConfigError(
            Problem(
                f"received {word}",
                f"expected one of {', '.join(known)}",
                fix,
                "training.monitor",
                code="monitor",
            )
        )
    if word.startswith("val_") and not validated:
        text = f"{word} is never measured: there is no validation part"
        raise ConfigError(
            Problem(
                text, "expected train_loss", "data: {validation: 0.2}", "training.monitor", code="monitor"
            )
        )
    return word, known[word]


def plan_objective(x: Experiment, facts: DataFacts) -> Objective:
    """Task, loss, metrics and monitor of an experiment."""
    copies = x.architecture.flag("target") == "input"
    target, classes, width = (
        ("real", 0, math.prod(facts.in_shape)) if copies else (facts.target, facts.classes, facts.width)
    )
    loss = choose_loss(x.loss, target, classes)
    task = make_task(
        loss, target, classes, width, () if copies else facts.names, None if copies else facts.scaling
    )
    averages = [
        bound.flag("suffix") or name
        for name, bound in x.regularizers.items()
        if bound.flag("effect") == "average"
    ]
    return make_objective(task, loss, x.metrics, x.training.monitor, facts.validated, copies, averages)


def check_effects(regularizers: Mapping[str, Bound], objective: Objective) -> None:
    """Refuse batch effects that make targets which the loss cannot take."""
    if objective.task.target != "index" or "soft" in objective.loss_part.flag("targets"):
        return
    for name, bound in regularizers.items():
        if bound.flag("makes") == "soft":
            text = f"{name} makes soft targets; {objective.loss_part.name} needs one class a row"
            raise ConfigError(
                Problem(
                    text,
                    "expected a loss for soft targets",
                    "loss: cross_entropy",
                    f"regularizers.{name}",
                    code="soft_targets",
                )
            )
