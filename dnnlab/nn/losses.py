"""Losses: fn(outputs, batch) -> scalar, the mean over the batch's rows, by their weights if there are any."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from .batch import Batch


def weighted_mean(rows: Tensor, weights: Tensor | None) -> Tensor:
    """Mean of one number a row: sum(w * l) / sum(w), or the plain mean without weights. (n,) to ()."""
    return rows.mean() if weights is None else (weights * rows).sum() / weights.sum()


def cross_entropy(outputs: Tensor, batch: Batch) -> Tensor:
    """-sum_c target_c log softmax(outputs)_c.

    outputs: (n, classes). targets: (n,) classes, or (n, classes) shares.
    """
    return _mean(F.cross_entropy, _precise(outputs), batch.targets, batch.weights)


def binary_cross_entropy(outputs: Tensor, batch: Batch) -> Tensor:
    """-t log s - (1 - t) log(1 - s), s = sigmoid(output).

    outputs: (n, 1) with targets (n,), or both (n, labels); labels are averaged.
    """
    outputs, targets = _precise(outputs), batch.targets
    logits = outputs.squeeze(1) if targets.ndim == 1 else outputs
    return _mean(F.binary_cross_entropy_with_logits, logits, targets.to(logits.dtype), batch.weights)


def mse(outputs: Tensor, batch: Batch) -> Tensor:
    """(output - target)^2, averaged over targets and rows.

    Both (n, targets) or any other shape with n rows.
    """
    return _mean(F.mse_loss, _precise(outputs), batch.targets, batch.weights)


def mae(outputs: Tensor, batch: Batch) -> Tensor:
    """|output - target|, averaged over targets and rows. Both (n, targets) or any other shape with n rows."""
    return _mean(F.l1_loss, _precise(outputs), batch.targets, batch.weights)


def huber(outputs: Tensor, batch: Batch, delta: float) -> Tensor:
    """e^2 / 2 for errors e up to delta, delta (|e| - delta / 2) beyond, averaged over targets and rows."""
    return _mean(partial(F.huber_loss, delta=delta), _precise(outputs), batch.targets, batch.weights)


def hinge(outputs: Tensor, batch: Batch, margin: float) -> Tensor:
    """The sum over wrong classes j of max(0, s_j - s_y + margin).

    outputs: s, (n, classes). targets: y, (n,).
    """
    outputs = _precise(outputs)
    right = outputs.gather(1, batch.targets.unsqueeze(1))
    # The right class adds exactly `margin` to the sum over all classes.
    rows = (outputs - right + margin).clamp_min(0).sum(1) - margin
    return weighted_mean(rows, batch.weights)


def _precise(outputs: Tensor) -> Tensor:
    # Under autocast outputs have 16 bits; exponentials and sums need more.
    return outputs.float() if outputs.dtype in (torch.bfloat16, torch.float16) else outputs


def _mean(loss: Callable[..., Tensor], outputs: Tensor, targets: Tensor, weights: Tensor | None) -> Tensor:
    """The mean of one of torch's losses over everything; with weights over the means of the rows."""
    if weights is None:
        return loss(outputs, targets)
    rows = loss(outputs, targets, reduction="none")
    return weighted_mean(rows if rows.ndim == 1 else rows.flatten(1).mean(1), weights)
