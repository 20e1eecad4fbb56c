"""Gradient clipping, in place, without waiting for the device.

Each function returns the global norm from before, 0-dim.

With measure=False nothing is returned: what a clipping does not need for itself is then not measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

# Divisors max(norm / threshold, 1) are exactly 1 where nothing is to be clipped, so such gradients keep their
# bits; a norm that is not finite makes NaN gradients, which the engine finds. On the CPU nothing is waited
# for, so there lengths are plain numbers, which cost less than small tensors, and what needs no clipping is
# not touched.
SMALL = 10_000  # numbers of a tensor; what is done to so few takes no time


@torch.no_grad()
def clip_value(params: Iterable[Tensor], threshold: float, *, measure: bool = True) -> Tensor | None:
    """Each number of each gradient to [-threshold, threshold]."""
    grads = gradients(params)
    before = total(grads) if measure else None
    for grad in grads:
        grad.clamp_(-threshold, threshold)
    return before


@torch.no_grad()
def clip_norm(params: Iterable[Tensor], threshold: float, *, measure: bool = True) -> Tensor | None:
    """Each gradient that is longer than `threshold` (L2) is shortened to it, on its own."""
    grads = gradients(params)
    before = total(grads) if measure else None
    if on_cpu(grads):
        for grad in grads:
            shorten(grad, torch.linalg.vector_norm(grad).item(), threshold)
    elif grads:
        torch._foreach_div_(grads, list((torch.stack(norms(grads)) / threshold).clamp_min_(1.0).unbind()))
    return before


def shorten(grad: Tensor, length: float, threshold: float) -> None:
    """Scale the gradient in place to length threshold, if it is longer.

    A quotient is rounded once, a product twice, in half of the time.
    """
    if length <= threshold:
        return
    if grad.numel() < SMALL:
        grad.div_(length / threshold)
    else:
        grad.mul_(threshold / length)


@torch.no_grad()
def clip_global_norm(params: Iterable[Tensor], threshold: float, *, measure: bool = True) -> Tensor | None:
    """All gradients by one factor, where together they are longer than `threshold` (L2)."""
    grads = gradients(params)
    # One factor for all: a product takes half the time of a quotient, and a rounding more changes no
    # direction.
    if on_cpu(grads):
        length = math.hypot(*[torch.linalg.vector_norm(grad).item() for grad in grads])
        if not length <= threshold:
            factor = grads[0].new_tensor(threshold / length)  # made once, not for each gradient
            for grad in grads:
                grad.mul_(factor)
        return torch.tensor(length) if measure else None
    before = total(grads)
    if grads:
        torch._foreach_mul_(grads, (before / threshold).clamp_min_(1.0).reciprocal_())
    return before


def gradients(params: Iterable[Tensor]) -> list[Tensor]:
    """The gradients that there are."""
    return [p.grad for p in params if p.grad is not None]


def on_cpu(grads: Sequence[Tensor]) -> bool:
    """Whether there are gradients whose numbers can be read without waiting."""
    return len(grads) > 0 and grads[0].device.type == "cpu"


def norms(grads: Sequence[Tensor]) -> list[Tensor]:
    """L2 norm of each, 0-dim."""
    return list(torch._foreach_norm(list(grads))) if grads else []


def total(grads: Sequence[Tensor]) -> Tensor:
    """L2 norm of all together, 0-dim; 0 where there are none."""
    return torch.linalg.vector_norm(torch.stack(norms(grads))) if grads else torch.zeros(())
