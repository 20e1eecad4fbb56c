"""Everything that one training needs, ready to run: `Session`. Built by `dnnlab.build`, driven by `fit`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ..nn.batch import Batch, Task
from ..nn.captured import Captured
from ..nn.metrics import Metric
from ..nn.table import ParameterTable
from .plan import Plan, steps_per_epoch

Loss = Callable[[Tensor, Batch], Tensor]


class Rates(Protocol):
    """Learning rate and momentum of each step; `observe` hears the monitor (higher is better) after each epoch."""

    def __call__(self, step: int) -> tuple[float, float | None]: ...
    def observe(self, score: float | None, epoch: int) -> None: ...
    def state(self) -> dict[str, Any]: ...
    def load(self, state: Mapping[str, Any]) -> None: ...


class Average(Protocol):
    """A running average of the weights, evaluated beside the raw ones."""

    net: nn.Module
    suffix: str

    def update(self) -> None: ...
    def state(self) -> dict[str, Tensor]: ...
    def load(self, state: Mapping[str, Tensor]) -> None: ...


class Stopper(Protocol):
    """Decides after each epoch whether training stops."""

    restore_best: bool

    def observe(self, score: float | None, epoch: int) -> bool: ...
    def state(self) -> dict[str, Any]: ...
    def load(self, state: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class Part:
    """One part of the data on the device: inputs (n, ...), targets (n, ...), weights (n,) or None: what each row counts in the loss.

    sampling: (n,) on the CPU: an epoch draws n rows with replacement, each as likely as its number here; None: every row once.
    """

    inputs: Tensor
    targets: Tensor
    weights: Tensor | None = None
    sampling: Tensor | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    def rows(self, index: Tensor) -> Batch:
        """The rows of these numbers, as a batch."""
        weights = None if self.weights is None else self.weights[index]
        return Batch(self.inputs[index], self.targets[index], weights, index)


@dataclass
class Stop:
    """A request from outside to end after the current step; `status` is what the run ends with ("interrupted", "terminated")."""

    status: str | None = None


@dataclass
class Progress:
    """How far training is; all of it stands in a checkpoint. epoch: finished epochs; in_epoch: finished steps of the current one;
    stopped: why the stopper ended the training, "" while it goes on.
    """

    epoch: int = 0
    step: int = 0
    in_epoch: int = 0
    seconds: float = 0.0
    best: dict[str, Any] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)
    stopped: str = ""


@dataclass
class Session:
    """The objects of one training. `forward` is the net, compiled where that was asked for; `net` is always the plain one.

    careful: every step checks that loss and gradients are finite, before the update.
    """

    net: nn.Module
    forward: Callable[[Tensor], Tensor]
    task: Task
    table: ParameterTable
    loss: Loss
    metrics: Callable[[], dict[str, Metric]]
    optimizer: Any
    rates: Rates
    plan: Plan
    train: Part
    validation: Part | None
    device: torch.device
    generator: torch.Generator
    augment: Sequence[Callable[[Tensor], Tensor]] = ()
    batch_effects: Sequence[Callable[[Batch], Batch]] = ()
    penalties: Sequence[Callable[[], Tensor]] = ()
    constraints: Sequence[Callable[[], None]] = ()
    averages: Sequence[Average] = ()
    stopper: Stopper | None = None
    clip: Callable[[list[Tensor]], Tensor] | None = None
    probes: Mapping[str, Callable[[Captured], dict[str, Any]]] = field(default_factory=dict)
    probe_needs: frozenset[str] = frozenset()
    closure: bool = False
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext
    scaler: torch.amp.GradScaler | None = None
    progress: Progress = field(default_factory=Progress)
    best_weights: dict[str, Tensor] | None = None
    running: Any = None
    careful: bool = False
    stop: Stop = field(default_factory=Stop)

    @property
    def rows_per_step(self) -> int:
        """Training rows that one optimizer step sees."""
        return self.plan.batch_size * self.plan.accumulate

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps an epoch."""
        return steps_per_epoch(len(self.train), self.rows_per_step)

    @cached_property
    def parameters(self) -> list[Tensor]:
        """The parameters that are trained."""
        return [p for group in self.optimizer.param_groups for p in group["params"]]
