"""Collect measurements during a step, and turn them into rows.

Uses no random numbers, changes nothing.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from ..nn.probes.capture import Captured, ProbeBatch, capture
from ..nn.probes.rows import fired
from ..optim.clipping.functions import total
from .nonfinite import NonFiniteError
from .records import Row
from .session import Session


def due_files(s: Session, step: int) -> list[str]:
    """The files that get a row in this step."""
    per_epoch = s.steps_per_epoch
    return [file for schedule, files in s.log_schedules for file in files if schedule.due(step, per_epoch)]


def needs_of(s: Session, logged: list[str]) -> frozenset[str]:
    """What the probes of the files `logged` need."""
    return (
        frozenset[str]().union(*(s.probe_needs.get(file, ()) for file in logged)) if logged else frozenset()
    )


def captured_activations(s: Session, needs: frozenset[str]) -> AbstractContextManager[dict[str, Tensor]]:
    """A context that keeps the outputs of the activations if a probe needs them.

    It stays empty for a compiled net, which hooks would compile anew (see `activations_again`).
    """
    wanted = "activations" in needs and s.forward is s.net
    return capture({name: a.module for name, a in s.table.activations.items()}) if wanted else nullcontext({})


@torch.no_grad()
def activations_again(s: Session, inputs: Tensor) -> dict[str, Tensor]:
    """The outputs of the activations from a second pass through the plain net in training mode.

    The random state and the buffers that such a pass changes are restored.
    """
    state = s.generator.get_state()
    kept = {name: buffer.clone() for name, buffer in s.net.named_buffers()}
    with capture({name: a.module for name, a in s.table.activations.items()}) as seen, s.autocast():
        s.net(inputs)
    for name, buffer in s.net.named_buffers():
        buffer.copy_(kept[name])
    s.generator.set_state(state)
    return seen


@torch.no_grad()
def fixed_batch(s: Session) -> ProbeBatch:
    """The net's outputs for the fixed rows, in evaluation mode."""
    batch = s.train.rows(s.fixed_rows)
    was_training = s.net.training
    s.net.eval()
    with (
        capture({name: a.module for name, a in s.table.activations.items() if a.dies}, fired) as units,
        s.autocast(),
    ):
        outputs = s.net(batch.inputs)
    s.net.train(was_training)
    return ProbeBatch(outputs.float(), batch.targets, s.task, units)


def gradient_with_decay(s: Session, parameter: Tensor) -> Tensor | None:
    """A parameter's gradient, with the penalty that the optimizer itself adds."""
    grad, decay = parameter.grad, s.decays.get(parameter)
    return grad if grad is None or decay is None else grad.add(parameter.detach(), alpha=decay)


def gradient_norm(s: Session) -> Tensor:
    """The norm of all gradients together."""
    return total([grad for p in s.parameters if (grad := gradient_with_decay(s, p)) is not None])


def weight_copies(s: Session) -> dict[str, Tensor]:
    """Copies of the trained weights, by name."""
    return {
        e.name: e.parameter.detach().clone() for e in s.table.of_role("weight") if e.parameter.requires_grad
    }


@torch.no_grad()
def update_norms(
    s: Session, before: dict[str, Tensor] | None
) -> tuple[dict[str, Tensor] | None, dict[str, Tensor] | None]:
    """Norms of the weights before the update, and their changes, by name.

    The copies in `before` become the changes in place, which saves another copy of the weights.
    """
    if before is None:
        return None, None
    # Without a trained weight there is nothing to measure, and torch's function takes no empty list.
    sizes = dict(zip(before, torch._foreach_norm(list(before.values())), strict=True)) if before else {}
    after = {e.name: e.parameter.detach() for e in s.table.of_role("weight")}
    for name, copy in before.items():
        torch.sub(after[name], copy, out=copy)
    return sizes, before


def gradient_copies(s: Session) -> dict[str, Tensor]:
    """The gradients before clipping, by name; copied only if a clipping would change them."""
    grads = {
        e.name: grad
        for e in s.table.entries.values()
        if (grad := gradient_with_decay(s, e.parameter)) is not None
    }
    return grads if s.clip is None else {name: grad.clone() for name, grad in grads.items()}


def steps_row(
    loss: Tensor, penalty: Tensor | None, lr: float, norm: Tensor | None, clipped: Tensor | None
) -> Row:
    """The numbers of a row of steps.jsonl; reading them waits for the device.

    norm, clipped: of the gradient, before and after clipping.
    """
    numbers: Row = {
        "loss": float(loss),
        "penalty": 0.0 if penalty is None else float(penalty),
        "lr": lr,
        "gradient_norm": None if norm is None else float(norm),
    }
    if norm is None or clipped is None:
        return numbers
    before, after = numbers["gradient_norm"], float(clipped)
    factor = after / before if before and math.isfinite(after) and math.isfinite(before) else 1.0
    # Two sums of one tensor may differ in the last bits.
    return {**numbers, "clipped": factor < 1 - 1e-6, "clipping_factor": factor}


def log_rows(
    s: Session,
    logged: list[str],
    numbers: Row,
    before: dict[str, Tensor] | None = None,
    grads: dict[str, Tensor] | None = None,
    seen: dict[str, Tensor] | None = None,
) -> dict[str, Row]:
    """The rows of a logging step, as plain numbers.

    Raises `NonFiniteError` if the loss or the gradient is not finite.
    """
    step, epoch = s.progress.step + 1, s.progress.epoch + 1
    # A step that the scaler skips has an infinite gradient, which is no fault; an infinite loss always is.
    watched = [numbers["loss"]] if s.scaler is not None else [numbers["loss"], numbers["gradient_norm"]]
    if not all(map(math.isfinite, watched)):
        raise NonFiniteError(step)
    flat = {name: a.flat for name, a in s.table.activations.items() if a.flat is not None}
    fixed = fixed_batch(s) if "fixed" in needs_of(s, logged) else None
    captured = Captured(step, epoch, *update_norms(s, before), grads, seen, flat, fixed)
    rows: dict[str, Row] = {name: s.probes[name](captured) for name in logged if name in s.probes}
    return (
        {"steps.jsonl": {"step": step, "epoch": epoch, **numbers}, **rows}
        if "steps.jsonl" in logged
        else rows
    )
