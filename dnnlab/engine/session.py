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


@dataclass(frozen=True)
class Plan:
    """The numbers of the loop. monitor: a key of metrics.jsonl; better: "max" or "min". steps_every, probe_every: steps, 0 for never."""

    seed: int
    epochs: int
    batch_size: int
    accumulate: int
    eval_every: int
    monitor: str
    better: str
    max_seconds: float | None
    steps_every: int
    probe_every: Mapping[str, int]

    @property
    def sign(self) -> int:
        """1 where a higher monitor is better, -1 where a lower one is."""
        return 1 if self.better == "max" else -1


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


def steps_per_epoch(rows: int, rows_per_step: int) -> int:
    """Steps an epoch. A last batch of a single row joins the one before: BatchNorm could not work on it alone."""
    full, rest = divmod(rows, rows_per_step)
    return max(1, full + (rest > 1 or (rest == 1 and rows_per_step == 1)))


def batch_bounds(rows: int, rows_per_step: int) -> list[tuple[int, int]]:
    """First and last-plus-one position in the epoch's order, for each step."""
    count = steps_per_epoch(rows, rows_per_step)
    return [(i * rows_per_step, rows if i == count - 1 else (i + 1) * rows_per_step) for i in range(count)]
