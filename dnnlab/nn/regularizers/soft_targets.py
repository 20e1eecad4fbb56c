"""Batch effects that change the targets: label smoothing and mixup. Class numbers become shares of classes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..batch import Batch, Task


def softened(batch: Batch, task: Task) -> Tensor:
    """The targets as shares: index (n,) to (n, classes), or to (n,) in [0, 1] where the net has one output; others are shares already."""
    targets = batch.targets
    if targets.is_floating_point() or task.target != "index":
        return targets
    if task.outputs == 1:
        return targets.to(batch.inputs.dtype)
    shares = batch.inputs.new_zeros((len(targets), task.classes))
    return shares.scatter_(1, targets.unsqueeze(1), 1.0)


@dataclass(frozen=True)
class LabelSmoothing:
    """share -> (1 - amount) share + amount / classes; a single output or label has two classes."""

    task: Task
    amount: float

    def __call__(self, batch: Batch) -> Batch:
        binary = self.task.target == "multi" or self.task.outputs == 1
        floor = self.amount / (2 if binary else self.task.classes)
        return batch._replace(targets=softened(batch, self.task) * (1 - self.amount) + floor)


@dataclass(frozen=True)
class Mixup:
    """Every row is mixed with a partner row: lambda x_i + (1 - lambda) x_j, targets and row weights alike.

    One lambda per batch, drawn from Beta(alpha, alpha), as in the paper's own code. All draws are made on the device.
    """

    task: Task
    alpha: float

    def __call__(self, batch: Batch) -> Batch:
        inputs, rows = batch.inputs, len(batch.inputs)
        first = torch._sample_dirichlet(inputs.new_full((2,), self.alpha, dtype=torch.float64))[0]
        partners = torch.randperm(rows, device=inputs.device)
        return mixed(batch, softened(batch, self.task), partners, first.to(inputs.dtype))


def mixed(batch: Batch, targets: Tensor, partners: Tensor, share: Tensor) -> Batch:
    """The batch with each row mixed with its partner; `share` (0-dim) is what the row itself keeps.

    With row weights w the mixed row counts share w_i + (1 - share) w_j, and its target is the mean of both by these two terms: the loss
    of a cross-entropy is then share w_i l(y_i) + (1 - share) w_j l(y_j).
    """
    inputs = torch.lerp(batch.inputs[partners], batch.inputs, share)
    if batch.weights is None:
        return batch._replace(inputs=inputs, targets=torch.lerp(targets[partners], targets, share))
    own, other = batch.weights * share, batch.weights[partners] * (1 - share)
    weights = own + other
    of_own = torch.where(weights > 0, own / weights, 1.0).to(targets.dtype).view(-1, *(1,) * (targets.ndim - 1))
    return batch._replace(inputs=inputs, targets=torch.lerp(targets[partners], targets, of_own), weights=weights)
