"""One optimizer step, in the order that docs/architecture.md fixes.

Only logging steps wait for the device.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ..nn.batch import Batch
from ..nn.seeds import mix
from .nonfinite import check_finite
from .plan import batch_bounds
from .records import Row
from .session import Session
from .split import Split
from .step_logging import (
    activations_again,
    captured_activations,
    due_files,
    gradient_copies,
    gradient_norm,
    log_rows,
    needs_of,
    steps_row,
    weight_copies,
)

Forward = Callable[[Tensor], Tensor]
# The value of a penalty costs more than its gradient and changes slowly: its mean is over every 32nd step.
PENALTY_STEPS = 32


def train_step(session: Session, index: Tensor) -> dict[str, Row] | None:
    """Update the weights once, on the training rows `index`.

    Returns the rows to log, on logging steps.
    """
    s, step = session, session.progress.step
    # One seed a step: a resumed run draws what an uninterrupted one draws.
    s.generator.manual_seed(mix(s.plan.seed, step))
    logged = due_files(s, step)
    needs = needs_of(s, logged)
    # What happens in the frozen bottom is looked at in the whole net.
    cached = None if "activations" in needs else s.cached
    forward = s.forward if cached is None else cached.top
    batches = make_batches(s, index, s.train if cached is None else cached.train)

    # The gradient of the data loss, and what the probes need of this very pass.
    with captured_activations(s, needs) as seen:
        loss, noted = gradients(s, batches, forward)
    if "activations" in needs:
        seen = (seen if s.forward is s.net else activations_again(s, batches[0].inputs)) | {
            "output": noted[0][1]
        }
    if s.scaler is not None:
        s.scaler.unscale_(s.optimizer)
    # Penalties add their own gradients; their value is measured in some steps only.
    measured = s.progress.in_epoch % PENALTY_STEPS == 0
    penalty = penalize(s, value=measured or bool(logged))
    for batch, outputs, piece in noted:
        s.running.add(batch, outputs, piece, penalty if measured else None)
    # Everything that is logged of the gradients is taken before clipping.
    grads = gradient_copies(s) if "gradients" in needs else None
    if s.careful:
        check_finite(s, loss)  # before clipping, which would spread one bad number over all tensors
    norm = s.clip(s.parameters, measure=bool(logged)) if s.clip is not None else None
    clipped = None
    if logged:
        norm, clipped = (gradient_norm(s), None) if norm is None else (norm, gradient_norm(s))
    before = weight_copies(s) if "updates" in needs else None

    # The update, and the constraints on the new weights.
    lr, momentum = s.rates(step)
    set_rates(s.optimizer, lr, momentum)
    update(s, batches, forward)
    with torch.no_grad():
        for constrain in s.constraints:
            constrain()
    rows = None
    if logged:
        row = steps_row(loss, penalty, lr, norm, clipped)
        rows = log_rows(s, logged, row, before, grads, seen)
    for average in s.averages:
        average.update()
    return rows


def pieces_of(s: Session, index: Tensor) -> list[Tensor]:
    """The rows of a step, in pieces of batch_size if gradients are accumulated."""
    return (
        [index]
        if s.plan.accumulate == 1
        else [index[a:b] for a, b in batch_bounds(len(index), s.plan.batch_size)]
    )


def make_batches(s: Session, index: Tensor, split: Split) -> list[Batch]:
    """The batches of a step (one for each piece), augmented, then changed by the batch effects."""
    batches = []
    for piece in pieces_of(s, index):
        batch = split.rows(piece)
        if s.augment:
            inputs = batch.inputs
            for change in s.augment:
                inputs = change(inputs)
            batch = batch._replace(inputs=inputs)
        for effect in s.batch_effects:
            batch = effect(batch)
        batches.append(batch)
    return batches


def gradients(
    s: Session, batches: list[Batch], forward: Forward
) -> tuple[Tensor, list[tuple[Batch, Tensor, Tensor]]]:
    """Forward, loss, backward. forward: from the batches' inputs to the outputs of the net.

    Returns the mean data loss, and of each piece the batch, the outputs and the loss; all detached. Each
    piece counts by its rows, or by their weights, so the gradient is that of all rows of the step together.
    """
    s.optimizer.zero_grad(set_to_none=True)
    amounts = [len(b.inputs) if b.weights is None else b.weights.sum() for b in batches]
    whole = sum(amounts[1:], amounts[0])
    shares: list[Tensor] = []
    pieces = []
    for amount, batch in zip(amounts, batches, strict=True):
        with s.autocast():
            outputs = forward(batch.inputs)
        outputs = outputs.float() if outputs.dtype != torch.float32 else outputs
        loss = s.loss(outputs, batch)
        share = loss if len(batches) == 1 else loss * (amount / whole)
        torch.autograd.backward(share if s.scaler is None else s.scaler.scale(share))
        pieces.append((batch, outputs.detach(), loss.detach()))
        shares.append(share.detach())
    return sum(shares[1:], shares[0]), pieces


def penalize(s: Session, *, value: bool) -> Tensor | None:
    """Add the gradients of the penalties to those of the loss.

    Returns the sum of the penalties; None if it is not asked for or there is no penalty.
    """
    total: Tensor | None = None
    for penalty in s.penalties:
        if value:
            total = penalty.value() if total is None else total + penalty.value()
        penalty.add_slopes()
    return total


def update(s: Session, batches: list[Batch], forward: Forward) -> None:
    """Step the optimizer; a closure computes the gradients of this step anew, with the same draws."""
    if s.closure:
        s.optimizer.step(_closure(s, batches, forward))
    elif s.scaler is not None:
        s.scaler.step(s.optimizer)
        s.scaler.update()
    else:
        s.optimizer.step()


def _closure(s: Session, batches: list[Batch], forward: Forward) -> Any:
    seed = mix(s.plan.seed, s.progress.step)

    def closure() -> Tensor:
        s.generator.manual_seed(seed)
        with torch.enable_grad():
            loss, _ = gradients(s, batches, forward)
            penalty = penalize(s, value=True)
        if s.clip is not None:
            s.clip(s.parameters, measure=False)
        return loss if penalty is None else loss + penalty

    return closure


def set_rates(optimizer: Any, lr: float, momentum: float | None) -> None:
    """Write learning rate (times the group's own factor) and momentum into every parameter group."""
    for group in optimizer.param_groups:
        group["lr"] = lr * group["lr_factor"]
        if momentum is not None:
            if "betas" in group:
                group["betas"] = (momentum, group["betas"][1])
            else:
                group["momentum"] = momentum
