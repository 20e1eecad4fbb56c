"""One optimizer step, in the order that DESIGN fixes. Nothing here waits for the device, except on logging steps."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from ..nn.batch import Batch
from ..nn.captured import Captured
from ..nn.seeds import mix
from .finite import NonFiniteError, check_finite
from .plan import batch_bounds
from .records import Row
from .session import Session

PENALTY_STEPS = 16  # the value of a penalty costs more than its slope and moves slowly: its mean is over every 16th step


def train_step(session: Session, index: Tensor) -> dict[str, Row] | None:
    """Update the weights once, on the rows `index` of the training part. Returns the rows to log, on logging steps."""
    s, step = session, session.progress.step
    s.generator.manual_seed(mix(s.plan.seed, step))
    batches = make_batches(s, index)
    logged = due(s, step)

    loss, noted = gradients(s, batches)
    if s.scaler is not None:
        s.scaler.unscale_(s.optimizer)
    measured = s.progress.in_epoch % PENALTY_STEPS == 0
    penalty = penalize(s, value=measured or bool(logged))
    for batch, outputs, piece in noted:
        s.running.add(batch, outputs, piece, penalty if measured else None)
    grads = gradients_of(s) if logged and "gradients" in s.probe_needs else None
    if s.careful:
        check_finite(s, loss)  # before clipping, which would spread one bad number over all tensors
    norm = s.clip(s.parameters) if s.clip is not None else None
    if logged and norm is None:
        norm = gradient_norm(s)
    before = weights_of(s) if logged and "updates" in s.probe_needs else None

    lr, momentum = s.rates(step)
    set_rates(s.optimizer, lr, momentum)
    update(s, batches)
    with torch.no_grad():
        for constrain in s.constraints:
            constrain()
    rows = log(s, logged, scalars(loss, penalty, lr, norm), before, grads) if logged else None
    for average in s.averages:
        average.update()
    return rows


def pieces_of(s: Session, index: Tensor) -> list[Tensor]:
    """The rows of each batch of a step: all of them, or batch_size at a time where gradients are accumulated."""
    return [index] if s.plan.accumulate == 1 else [index[a:b] for a, b in batch_bounds(len(index), s.plan.batch_size)]


def make_batches(s: Session, index: Tensor) -> list[Batch]:
    """The step's rows, augmented, then changed by the batch effects; in pieces of batch_size where gradients are accumulated."""
    batches = []
    for piece in pieces_of(s, index):
        batch = s.train.rows(piece)
        if s.augment:
            inputs = batch.inputs
            for change in s.augment:
                inputs = change(inputs)
            batch = batch._replace(inputs=inputs)
        for effect in s.batch_effects:
            batch = effect(batch)
        batches.append(batch)
    return batches


def gradients(s: Session, batches: list[Batch]) -> tuple[Tensor, list[tuple[Batch, Tensor, Tensor]]]:
    """Forward, loss, backward. Returns the mean data loss, and of each piece the batch, the outputs and the loss; all detached.

    Each piece counts by its rows, or by their weights, so the gradient is that of the whole step's rows together.
    """
    s.optimizer.zero_grad(set_to_none=True)
    amounts = [len(b.inputs) if b.weights is None else b.weights.sum() for b in batches]
    whole = sum(amounts[1:], amounts[0])
    total: Tensor | None = None
    pieces = []
    for amount, batch in zip(amounts, batches, strict=True):
        with s.autocast():
            outputs = s.forward(batch.inputs)
        outputs = outputs.float() if outputs.dtype != torch.float32 else outputs
        loss = s.loss(outputs, batch)
        share = loss if len(batches) == 1 else loss * (amount / whole)
        (share if s.scaler is None else s.scaler.scale(share)).backward()  # type: ignore[no-untyped-call]
        pieces.append((batch, outputs.detach(), loss.detach()))
        total = share.detach() if total is None else total + share.detach()
    assert total is not None
    return total, pieces


def penalize(s: Session, *, value: bool) -> Tensor | None:
    """Add the slopes of the penalties to the gradients. Returns the penalties' sum, None where it is not asked for or there is none."""
    total: Tensor | None = None
    for penalty in s.penalties:
        if value:
            total = penalty.value() if total is None else total + penalty.value()
        penalty.add_slopes()
    return total


def update(s: Session, batches: list[Batch]) -> None:
    """One optimizer step; a closure computes the same step's gradients anew, with the same draws."""
    if s.closure:
        s.optimizer.step(_closure(s, batches))
    elif s.scaler is not None:
        s.scaler.step(s.optimizer)
        s.scaler.update()
    else:
        s.optimizer.step()


def _closure(s: Session, batches: list[Batch]) -> Any:
    seed = mix(s.plan.seed, s.progress.step)

    def closure() -> Tensor:
        s.generator.manual_seed(seed)
        with torch.enable_grad():
            loss, _ = gradients(s, batches)
            penalty = penalize(s, value=True)
        if s.clip is not None:
            s.clip(s.parameters)
        return loss if penalty is None else loss + penalty

    return closure


def set_rates(optimizer: Any, lr: float, momentum: float | None) -> None:
    """Write learning rate and momentum into every group; a group's own factor scales the rate."""
    for group in optimizer.param_groups:
        group["lr"] = lr * group["lr_factor"]
        if momentum is not None:
            if "betas" in group:
                group["betas"] = (momentum, group["betas"][1])
            else:
                group["momentum"] = momentum


def due(s: Session, step: int) -> list[str]:
    """What is logged in this step: "steps.jsonl" and names of probes. The first step is always among them."""
    every = {"steps.jsonl": s.plan.steps_every, **s.plan.probe_every}
    return [name for name, n in every.items() if n and (step == 0 or (step + 1) % n == 0)]


def gradient_norm(s: Session) -> Tensor:
    """The norm of all gradients together."""
    return torch.nn.utils.get_total_norm([p.grad for p in s.parameters if p.grad is not None], foreach=None)


def weights_of(s: Session) -> dict[str, Tensor]:
    """Copies of the trained weights, by name."""
    return {e.name: e.parameter.detach().clone() for e in s.table.of_role("weight") if e.parameter.requires_grad}


@torch.no_grad()
def moves(s: Session, before: dict[str, Tensor] | None) -> tuple[dict[str, Tensor] | None, dict[str, Tensor] | None]:
    """Norms before the update, and changes, by name. The copies become the changes in place: no further copy of the weights is made."""
    if before is None:
        return None, None
    sizes = dict(zip(before, torch._foreach_norm(list(before.values())), strict=True))
    after = {e.name: e.parameter.detach() for e in s.table.of_role("weight")}
    for name, copy in before.items():
        torch.sub(after[name], copy, out=copy)
    return sizes, before


def gradients_of(s: Session) -> dict[str, Tensor]:
    """The gradients by name, as they are before clipping."""
    grads = {e.name: e.parameter.grad for e in s.table.entries.values() if e.parameter.grad is not None}
    return grads if s.clip is None else {name: grad.clone() for name, grad in grads.items()}


def scalars(loss: Tensor, penalty: Tensor | None, lr: float, norm: Tensor | None) -> Row:
    """The numbers of a row of steps.jsonl; this waits for the device."""
    return {
        "loss": float(loss),
        "penalty": 0.0 if penalty is None else float(penalty),
        "lr": lr,
        "gradient_norm": None if norm is None else float(norm),
    }


def log(s: Session, logged: list[str], numbers: Row, before: dict[str, Tensor] | None, grads: dict[str, Tensor] | None) -> dict[str, Row]:
    """The rows of a logging step, as plain numbers. Raises `NonFiniteError` when the loss or the gradient is not finite."""
    step, epoch = s.progress.step + 1, s.progress.epoch + 1
    # A scaler's skipped step has an infinite gradient and is no fault; the loss is in any case.
    watched = [numbers["loss"]] if s.scaler is not None else [numbers["loss"], numbers["gradient_norm"]]
    if not all(map(math.isfinite, watched)):
        raise NonFiniteError(step)
    captured = Captured(step, epoch, *moves(s, before), grads)
    rows: dict[str, Row] = {name: s.probes[name](captured) for name in logged if name in s.probes}
    return {"steps.jsonl": {"step": step, "epoch": epoch, **numbers}, **rows} if "steps.jsonl" in logged else rows
