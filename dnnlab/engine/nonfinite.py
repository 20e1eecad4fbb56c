"""Numbers that are not finite.

Logging steps notice them cheaply; a replay with checks on every step finds the first one.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import DivergedError, Problem
from ..nn.probes.finiteness import all_finite
from .session import Session


class NonFiniteError(Exception):
    """The loss, a gradient or a weight was found not to be finite in step `step` (1-based) or before it."""

    def __init__(self, step: int) -> None:
        super().__init__(f"not finite in step {step} or before")
        self.step = step


def check_finite(s: Session, loss: Tensor) -> None:
    """Raise `DivergedError` with step and tensor if the loss or a gradient is not finite.

    Called before the update.
    """
    step = s.progress.step + 1
    if not bool(torch.isfinite(loss)):
        cause = first_bad_weight(s)
        if cause is None:
            raise diverged(step, "the loss", float(loss), "the weights before it are finite")
        raise diverged(step, f"the weight {cause}", float("nan"), f"the update of step {step - 1} made it")
    if s.scaler is not None:
        return
    for entry in s.table.entries.values():
        grad = entry.parameter.grad
        if grad is not None and not all_finite(grad):
            bad = grad[~torch.isfinite(grad)]
            raise diverged(
                step,
                f"the gradient of {entry.name}",
                float(bad.flatten()[0]),
                f"the loss is {float(loss):.4g}",
            )


def first_bad_weight(s: Session) -> str | None:
    """The name of the first parameter or buffer that holds a number that is not finite."""
    for name, tensor in s.net.state_dict().items():
        if tensor.is_floating_point() and not all_finite(tensor):
            return name
    return None


def diverged(step: int, tensor: str, value: float, more: str) -> DivergedError:
    """The error that ends a diverged run."""
    word = "not a number" if value != value else "infinite"
    return DivergedError(
        Problem(
            f"training diverged: in step {step} {tensor} is {word} ({more})",
            "expected finite numbers; what was saved before this step stays",
            "lower the learning rate (`dnnlab doctor` says how far), "
            "or add  gradient_clipping: {global_norm: 1.0}",
            code="diverged",
        )
    )
