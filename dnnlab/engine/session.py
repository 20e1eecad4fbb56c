"""Everything that one training needs, ready to run: `Session`. `dnnlab.assembly` builds it, `fit` runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from ..nn.batch import Batch, Task
from ..nn.metrics.base import Metric
from ..nn.parameter_table import ParameterTable
from ..nn.probes.capture import Captured
from ..nn.regularizers.penalty import SlopedPenalty
from ..nn.seeds import mix
from .cached import CachedBottom
from .log_schedule import EverySteps, LogSchedule
from .plan import Plan
from .split import Split
from .stop import Stop

Loss = Callable[[Tensor, Batch], Tensor]
FIXED_ROWS = 256  # of the training split, for the probes that measure the same rows every time


class Rates(Protocol):
    """Learning rate and momentum of each step."""

    def __call__(self, step: int) -> tuple[float, float | None]:
        """Learning rate, and momentum or None, of a step (from 0)."""

    def observe(self, score: float | None, epoch: int) -> None:
        """Take in the monitor (higher is better; None: not measured) after an epoch."""

    def state(self) -> dict[str, Any]:
        """What a checkpoint must hold of the schedule."""

    def load(self, state: Mapping[str, Any]) -> None:
        """Continue from a saved state."""


class Clipping(Protocol):
    """Bounds gradients in place."""

    def __call__(self, params: list[Tensor], *, measure: bool) -> Tensor | None:
        """Return the global norm before clipping, 0-dim; without `measure` it may be None."""


class Average(Protocol):
    """A running average of the weights, which is evaluated beside the raw weights."""

    net: nn.Module
    suffix: str
    """Ending of the average's metrics, such as `val_loss_ema`."""

    def update(self) -> None:
        """Take in the weights after a step."""

    def finish(self, batches: Iterable[Tensor]) -> None:
        """Get ready to be evaluated and saved.

        batches: the training inputs, which may be passed over several times.
        """

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint must hold of the average."""

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Continue from a saved state."""


@runtime_checkable
class LateAverage(Average, Protocol):
    """An average that does not exist from the first step on."""

    @property
    def ready(self) -> bool:
        """Whether there is an average already."""


@runtime_checkable
class RateSettingAverage(Average, Protocol):
    """An average that keeps the learning rate constant from some step on."""

    tail: tuple[float, float] | None
    """(step, rate from then on); None: the schedule keeps the rate."""


class Stopper(Protocol):
    """Decides after each epoch whether training stops early."""

    restore_best: bool
    """Whether the weights of the best epoch are restored at the end."""

    def observe(self, score: float | None, epoch: int) -> bool:
        """Take in the monitor (higher is better) after an epoch; whether training stops."""

    def state(self) -> dict[str, Any]:
        """What a checkpoint must hold of the stopper."""

    def load(self, state: Mapping[str, Any]) -> None:
        """Continue from a saved state."""


class Phases(Protocol):
    """Which layers learn in which steps."""

    def facts(self) -> dict[str, Any]:
        """What reuse.json keeps: {unfreeze, cache}."""

    def enter(self, session: Session, step: int) -> None:
        """Bring a session into the phase of a step (from 0), if it is in another one."""

    def begin_step(self, session: Session, step: int) -> None:
        """The same just before the step, with all weights in place: now a cache may be filled."""


@runtime_checkable
class DescribedStopper(Stopper, Protocol):
    """A stopper that describes when it stops."""

    def words(self, monitor: str) -> str:
        """When it stops, for the screen."""


@dataclass
class Progress:
    """How far the training is; a checkpoint holds all of it."""

    epoch: int = 0
    """Finished epochs."""
    step: int = 0
    """Finished steps."""
    in_epoch: int = 0
    """Finished steps of the current epoch."""
    seconds: float = 0.0
    """Seconds of training, in all processes together."""
    best: dict[str, Any] = field(default_factory=dict)
    """{epoch, value, metrics} of the best epoch."""
    last: dict[str, Any] = field(default_factory=dict)
    """{epoch, metrics} of the last epoch."""
    stopped: str = ""
    """Why the stopper ended the training; "" while it continues."""


@dataclass
class Session:
    """The objects of one training."""

    net: nn.Module
    forward: Callable[[Tensor], Tensor]
    """The net, compiled if the config asks for it."""
    task: Task
    table: ParameterTable
    loss: Loss
    metrics: Callable[[], dict[str, Metric]]
    """Makes fresh metrics, by name."""
    optimizer: Any
    rates: Rates
    plan: Plan
    train: Split
    validation: Split | None
    device: torch.device
    generator: torch.Generator
    """Source of all random numbers of a step; each step seeds it anew."""
    augment: Sequence[Callable[[Tensor], Tensor]] = ()
    batch_effects: Sequence[Callable[[Batch], Batch]] = ()
    penalties: Sequence[SlopedPenalty] = ()
    decays: Mapping[Tensor, float] = field(default_factory=dict)
    """Strengths of the l2 penalty that the optimizer itself adds, by parameter."""
    constraints: Sequence[Callable[[], None]] = ()
    averages: Sequence[Average] = ()
    stopper: Stopper | None = None
    phases: Phases | None = None
    """None: the same layers learn in all steps."""
    cached: CachedBottom | None = None
    """The outputs of the frozen bottom of the net, if they are computed once."""
    clip: Clipping | None = None
    probes: Mapping[str, Callable[[Captured], dict[str, Any]]] = field(default_factory=dict)
    """Probes, by the file that each of them fills."""
    probe_needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What each probe needs, by the same files."""
    closure: bool = False
    """Whether the optimizer computes the loss anew within a step."""
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext
    scaler: torch.amp.GradScaler | None = None
    progress: Progress = field(default_factory=Progress)
    best_weights: dict[str, Tensor] | None = None
    running: Any = None
    careful: bool = False
    """Whether every step checks that loss and gradients are finite, before the update."""
    stop: Stop = field(default_factory=Stop)

    @cached_property
    def steps_per_epoch(self) -> int:
        """Optimizer steps of one epoch."""
        return self.plan.steps_per_epoch

    @cached_property
    def parameters(self) -> list[Tensor]:
        """The parameters that are trained."""
        return [p for group in self.optimizer.param_groups for p in group["params"]]

    @cached_property
    def log_schedules(self) -> list[tuple[LogSchedule, list[str]]]:
        """The log schedules and the files that each of them fills: equal schedules are asked once a step."""
        grouped: dict[LogSchedule, list[str]] = {EverySteps(self.plan.steps_every): ["steps.jsonl"]}
        for file, schedule in self.plan.probe_every.items():
            grouped.setdefault(schedule, []).append(file)
        return list(grouped.items())

    @cached_property
    def sample(self) -> Tensor:
        """Training rows that are measured repeatedly, in a drawn order that is the same for every seed."""
        generator = torch.Generator().manual_seed(mix(0, "rows that are looked at"))
        rows = torch.randperm(len(self.train), generator=generator)
        return rows[: max(FIXED_ROWS, self.plan.train_eval_rows)].to(self.train.order_device)

    @cached_property
    def fixed_rows(self) -> Tensor:
        """The rows of the fixed batch."""
        return self.sample[:FIXED_ROWS]
