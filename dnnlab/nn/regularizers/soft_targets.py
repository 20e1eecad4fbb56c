"""Batch effects that change the targets: label smoothing, mixup and cutmix.

Class numbers become shares of classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..batch import Batch, Task


def softened(batch: Batch, task: Task) -> Tensor:
    """The targets as shares of classes.

    Indices (n,) become (n, classes), or (n,) in [0, 1] if the net has one output; other targets are shares
    already.
    """
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
        """The changed batch."""
        binary = self.task.target == "multi" or self.task.outputs == 1
        floor = self.amount / (2 if binary else self.task.classes)
        return batch._replace(targets=softened(batch, self.task) * (1 - self.amount) + floor)


@dataclass(frozen=True)
class Mixup:
    """Every row is mixed with a partner row: lambda x_i + (1 - lambda) x_j, targets and row weights alike.

    One lambda per batch, drawn from Beta(alpha, alpha), as in the paper's own code. All draws are made on the
    device.
    """

    task: Task
    alpha: float

    def __call__(self, batch: Batch) -> Batch:
        """The changed batch."""
        partners, share = drawn(batch, self.alpha)
        inputs = torch.lerp(batch.inputs[partners], batch.inputs, share)
        return mixed(batch._replace(inputs=inputs), softened(batch, self.task), partners, share)


@dataclass(frozen=True)
class CutMix:
    """A box of every image is its partner's; one box a batch.

    The area of the box is 1 - lambda of the image, before the border cuts it. lambda is drawn from
    Beta(alpha, alpha), the box's centre evenly over the image. Targets are mixed by the area that is left.
    """

    task: Task
    alpha: float

    def __call__(self, batch: Batch) -> Batch:
        """The changed batch."""
        partners, share = drawn(batch, self.alpha)
        height, width = batch.inputs.shape[-2:]
        centre = torch.rand(2, device=share.device, dtype=share.dtype)
        inside = box(height, share, centre[0]).unsqueeze(1) & box(width, share, centre[1])
        inputs = torch.where(inside, batch.inputs[partners], batch.inputs)
        return mixed(
            batch._replace(inputs=inputs),
            softened(batch, self.task),
            partners,
            1 - inside.to(share.dtype).mean(),
        )


def box(side: int, share: Tensor, centre: Tensor) -> Tensor:
    """Which of `side` places the box covers, (side,) bool.

    They are sqrt(1 - share) of all places, rounded, around `centre` in [0, 1). Numbers stay on the device, so
    that no step waits for it.
    """
    length = (side * (1 - share).sqrt()).round()
    first = (side * centre).floor() - (length / 2).floor()
    places = torch.arange(side, device=share.device)
    return (places >= first) & (places < first + length)


def drawn(batch: Batch, alpha: float) -> tuple[Tensor, Tensor]:
    """Each row's partner, (n,), and the share that the row itself keeps.

    The share is one number a batch, from Beta(alpha, alpha).
    """
    inputs = batch.inputs
    share = torch._sample_dirichlet(inputs.new_full((2,), alpha, dtype=torch.float64))[0]
    return torch.randperm(len(inputs), device=inputs.device), share.to(inputs.dtype)


def mixed(batch: Batch, targets: Tensor, partners: Tensor, share: Tensor) -> Batch:
    """A batch with mixed inputs, and the targets and weights that belong to them.

    share: of the row itself. With row weights w the mixed row counts share w_i + (1 - share) w_j, and its
    target is the mean of both by these two terms: the loss of a cross-entropy is then share w_i l(y_i) + (1 -
    share) w_j l(y_j).
    """
    if batch.weights is None:
        return batch._replace(targets=torch.lerp(targets[partners], targets, share))
    own, other = batch.weights * share, batch.weights[partners] * (1 - share)
    weights = own + other
    of_own = (
        torch.where(weights > 0, own / weights, 1.0).to(targets.dtype).view(-1, *(1,) * (targets.ndim - 1))
    )
    return batch._replace(targets=torch.lerp(targets[partners], targets, of_own), weights=weights)
