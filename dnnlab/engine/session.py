"""Everything that one training needs, ready to run: `Session`. Built by `dnnlab.build`, driven by `fit`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ..data.storage.row_stream import Streamed
from ..nn.batch import Batch, Task
from ..nn.metrics.base import Metric
from ..nn.parameter_table import ParameterTable
from ..nn.probes.capture import Captured
from ..nn.seeds import mix
from .log_schedule import EverySteps, Look
from .plan import Plan, steps_per_epoch

Loss = Callable[[Tensor, Batch], Tensor]
BLOCK_ROWS = 256
FIXED_ROWS = 256  # of the training part, for the probes that look at the same rows every time


class Rates(Protocol):
    """Learning rate and momentum of each step; `observe` hears the monitor (higher is better) after each epoch."""

    def __call__(self, step: int) -> tuple[float, float | None]: ...
    def observe(self, score: float | None, epoch: int) -> None: ...
    def state(self) -> dict[str, Any]: ...
    def load(self, state: Mapping[str, Any]) -> None: ...


class Penalty(Protocol):
    """What the loss is raised by, a 0-dim tensor without a graph; `add_slopes` adds its slope to the gradients."""

    def value(self) -> Tensor: ...
    def add_slopes(self) -> None: ...


class Clipping(Protocol):
    """Bounds gradients in place and returns their global norm from before, 0-dim; without `measure` it may leave that out."""

    def __call__(self, params: list[Tensor], *, measure: bool) -> Tensor | None: ...


class Average(Protocol):
    """A running average of the weights, evaluated beside the raw ones.

    update: after each step. finish: after each epoch, before the average is evaluated and saved, with the
    training inputs in batches. One that is not there from the first step on has a property `ready`; one that
    sets the rate has `tail`: (step, rate from then on).
    """

    net: nn.Module
    suffix: str

    def update(self) -> None: ...
    def finish(self, batches: Iterable[Tensor]) -> None: ...
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

    Inputs that do not fit there are `Streamed`; targets None: they are these inputs, flattened (others are
    tensors in any case). sampling: (n,) on the CPU: an epoch draws n rows with replacement, each as likely as
    its number here; None: every row once.
    """

    inputs: Tensor | Streamed
    targets: Tensor | None
    weights: Tensor | None = None
    sampling: Tensor | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def device(self) -> torch.device:
        """Where batches are wanted."""
        return self.inputs.device

    @property
    def order_device(self) -> torch.device:
        """Where the row numbers of a batch are wanted: inputs that are streamed are looked up by the CPU."""
        return torch.device("cpu") if isinstance(self.inputs, Streamed) else self.inputs.device

    def rows(self, index: Tensor | slice) -> Batch:
        """The rows of these numbers (on `order_device`), as a batch.

        Raises `DataError` where they cannot be read any more.
        """
        inputs = self.inputs[index]
        here = index if isinstance(index, slice) else index.to(self.device, non_blocking=True)
        targets = inputs.flatten(1) if self.targets is None else self.targets[here]
        weights = None if self.weights is None else self.weights[here]
        return Batch(inputs, targets, weights, None if isinstance(here, slice) else here)

    def all_targets(self) -> Tensor:
        """The targets of all rows."""
        if self.targets is not None:
            return self.targets
        return torch.cat([block.flatten(1) for block in self.inputs.split(BLOCK_ROWS)])

    def ahead(self, indices: Iterable[Tensor | slice]) -> AbstractContextManager[None]:
        """Within this, inputs that are streamed are read by a thread that knows what will be asked for, in this order."""
        return self.inputs.ahead(indices) if isinstance(self.inputs, Streamed) else nullcontext()


@dataclass
class Stop:
    """A request from outside to end after the current step.

    status: what the run ends with ("interrupted", "terminated", "pruned"). reason: why, in words.
    """

    status: str | None = None
    reason: str = "asked to stop"


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
    """The objects of one training.

    `forward` is the net, compiled where that was asked for; `net` is always the plain one.

    decays: strengths of the l2 penalty that the optimizer adds by itself, by parameter. probes, probe_needs:
    by the file that each fills. careful: every step checks that loss and gradients are finite, before the
    update.
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
    penalties: Sequence[Penalty] = ()
    decays: Mapping[Tensor, float] = field(default_factory=dict)
    constraints: Sequence[Callable[[], None]] = ()
    averages: Sequence[Average] = ()
    stopper: Stopper | None = None
    clip: Clipping | None = None
    probes: Mapping[str, Callable[[Captured], dict[str, Any]]] = field(default_factory=dict)
    probe_needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
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

    @cached_property
    def steps_per_epoch(self) -> int:
        """Optimizer steps an epoch."""
        return steps_per_epoch(len(self.train), self.rows_per_step)

    @cached_property
    def parameters(self) -> list[Tensor]:
        """The parameters that are trained."""
        return [p for group in self.optimizer.param_groups for p in group["params"]]

    @cached_property
    def looks(self) -> list[tuple[Look, list[str]]]:
        """What is filled at which steps: the files of each look, so that the same question is asked once a step."""
        grouped: dict[Look, list[str]] = {EverySteps(self.plan.steps_every): ["steps.jsonl"]}
        for file, look in self.plan.probe_every.items():
            grouped.setdefault(look, []).append(file)
        return list(grouped.items())

    @cached_property
    def sample(self) -> Tensor:
        """Rows of the training part that are looked at again and again, in a drawn order that is the same for every seed."""
        generator = torch.Generator().manual_seed(mix(0, "rows that are looked at"))
        rows = torch.randperm(len(self.train), generator=generator)
        return rows[: max(FIXED_ROWS, self.plan.train_eval_rows)].to(self.train.order_device)

    @cached_property
    def fixed_rows(self) -> Tensor:
        """The rows of the fixed batch."""
        return self.sample[:FIXED_ROWS]
