"""Looking at a step while it is made, and the rows that come of it.

Looking draws nothing and changes nothing.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from ..nn.probes.capture import Captured, Fixed, capture
from ..nn.probes.rows import fired
from ..optim.clipping.functions import total
from .nonfinite import NonFiniteError
from .records import Row
from .session import Session


def due(s: Session, step: int) -> list[str]:
    """What is looked at in this step: names of files."""
    per_epoch = s.steps_per_epoch
    return [file for look, files in s.looks for file in files if look.due(step, per_epoch)]


def needs_of(s: Session, logged: list[str]) -> frozenset[str]:
    """What the probes among `logged` need."""
    return (
        frozenset[str]().union(*(s.probe_needs.get(file, ()) for file in logged)) if logged else frozenset()
    )


def watching(s: Session, needs: frozenset[str]) -> AbstractContextManager[dict[str, Tensor]]:
    """Within this the outputs behind the activations are kept, where a probe needs them; hooks would compile a compiled net anew."""
    wanted = "activations" in needs and s.forward is s.net
    return capture({name: a.module for name, a in s.table.activations.items()}) if wanted else nullcontext({})


@torch.no_grad()
def seen_again(s: Session, inputs: Tensor) -> dict[str, Tensor]:
    """The same outputs from a second pass through the plain net in training mode; what such a pass moves is put back."""
    state = s.generator.get_state()
    kept = {name: buffer.clone() for name, buffer in s.net.named_buffers()}
    with capture({name: a.module for name, a in s.table.activations.items()}) as seen, s.autocast():
        s.net(inputs)
    for name, buffer in s.net.named_buffers():
        buffer.copy_(kept[name])
    s.generator.set_state(state)
    return seen


@torch.no_grad()
def fixed_rows_seen(s: Session) -> Fixed:
    """What the net makes of the fixed rows in evaluation mode."""
    batch = s.train.rows(s.fixed_rows)
    was_training = s.net.training
    s.net.eval()
    with (
        capture({name: a.module for name, a in s.table.activations.items() if a.dies}, fired) as units,
        s.autocast(),
    ):
        outputs = s.net(batch.inputs)
    s.net.train(was_training)
    return Fixed(outputs.float(), batch.targets, s.task, units)


def whole(s: Session, parameter: Tensor) -> Tensor | None:
    """A parameter's gradient with the penalty that the optimizer adds by itself."""
    grad, decay = parameter.grad, s.decays.get(parameter)
    return grad if grad is None or decay is None else grad.add(parameter.detach(), alpha=decay)


def gradient_norm(s: Session) -> Tensor:
    """The norm of all gradients together."""
    return total([grad for p in s.parameters if (grad := whole(s, p)) is not None])


def weights_of(s: Session) -> dict[str, Tensor]:
    """Copies of the trained weights, by name."""
    return {
        e.name: e.parameter.detach().clone() for e in s.table.of_role("weight") if e.parameter.requires_grad
    }


@torch.no_grad()
def moves(
    s: Session, before: dict[str, Tensor] | None
) -> tuple[dict[str, Tensor] | None, dict[str, Tensor] | None]:
    """Norms before the update, and changes, by name.

    The copies become the changes in place: no further copy of the weights is made.
    """
    if before is None:
        return None, None
    sizes = (
        dict(zip(before, torch._foreach_norm(list(before.values())), strict=True)) if before else {}
    )  # no weight may be left to move
    after = {e.name: e.parameter.detach() for e in s.table.of_role("weight")}
    for name, copy in before.items():
        torch.sub(after[name], copy, out=copy)
    return sizes, before


def gradients_of(s: Session) -> dict[str, Tensor]:
    """The gradients by name, as they are before clipping."""
    grads = {e.name: grad for e in s.table.entries.values() if (grad := whole(s, e.parameter)) is not None}
    return grads if s.clip is None else {name: grad.clone() for name, grad in grads.items()}


def scalars(
    loss: Tensor, penalty: Tensor | None, lr: float, norm: Tensor | None, clipped: Tensor | None
) -> Row:
    """The numbers of a row of steps.jsonl; this waits for the device. norm, clipped: of the gradient before and after clipping."""
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
    return {
        **numbers,
        "clipped": factor < 1 - 1e-6,
        "clipping_factor": factor,
    }  # two sums of one tensor may differ in the last bits


def log(
    s: Session,
    logged: list[str],
    numbers: Row,
    before: dict[str, Tensor] | None = None,
    grads: dict[str, Tensor] | None = None,
    seen: dict[str, Tensor] | None = None,
) -> dict[str, Row]:
    """The rows of a logging step, as plain numbers.

    Raises `NonFiniteError` when the loss or the gradient is not finite.
    """
    step, epoch = s.progress.step + 1, s.progress.epoch + 1
    # A scaler's skipped step has an infinite gradient and is no fault; the loss is in any case.
    watched = [numbers["loss"]] if s.scaler is not None else [numbers["loss"], numbers["gradient_norm"]]
    if not all(map(math.isfinite, watched)):
        raise NonFiniteError(step)
    flat = {name: a.flat for name, a in s.table.activations.items() if a.flat is not None}
    fixed = fixed_rows_seen(s) if "fixed" in needs_of(s, logged) else None
    captured = Captured(step, epoch, *moves(s, before), grads, seen, flat, fixed)
    rows: dict[str, Row] = {name: s.probes[name](captured) for name in logged if name in s.probes}
    return (
        {"steps.jsonl": {"step": step, "epoch": epoch, **numbers}, **rows}
        if "steps.jsonl" in logged
        else rows
    )
