"""Gradient clipping, in place, without waiting for the device. Each function returns the global norm from before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

# Divisors max(norm / threshold, 1) are exactly 1 where nothing is to be clipped, so such gradients keep their bits; a norm that is not
# finite makes NaN gradients, which the engine finds. On the CPU nothing is waited for, so numbers are read there, and what needs no
# clipping is not touched: that saves half of the time.
SMALL = 10_000  # numbers of a tensor; what is done to so few takes no time


def clip_value(params: Iterable[Tensor], threshold: float) -> Tensor:
    """Each number of each gradient to [-threshold, threshold]."""
    grads = gradients(params)
    before = total(norms(grads))
    if not on_cpu(grads) or not before.item() <= threshold:  # no number is larger than the norm
        for grad in grads:
            grad.clamp_(-threshold, threshold)
    return before


def clip_norm(params: Iterable[Tensor], threshold: float) -> Tensor:
    """Each gradient that is longer than `threshold` (L2) is shortened to it, on its own."""
    grads = gradients(params)
    if not on_cpu(grads):
        lengths = norms(grads)
        if grads:
            torch._foreach_div_(grads, list((torch.stack(lengths) / threshold).clamp_min_(1.0).unbind()))
        return total(lengths)
    lengths = []
    for grad in grads:  # one after the other: each is still near when it is shortened
        lengths.append(torch.linalg.vector_norm(grad))
        if not (length := lengths[-1].item()) <= threshold:
            shorten(grad, length, threshold)
    return total(lengths)


def shorten(grad: Tensor, length: float, threshold: float) -> None:
    """grad * threshold / length, in place. A quotient is exact to half a unit in the last place, a product to one, in half of the time."""
    if grad.numel() < SMALL:
        grad.div_(length / threshold)
    else:
        grad.mul_(threshold / length)


def clip_global_norm(params: Iterable[Tensor], threshold: float) -> Tensor:
    """All gradients by one factor, where together they are longer than `threshold` (L2)."""
    grads = gradients(params)
    before = total(norms(grads))
    # One factor for all: a product takes half the time of a quotient, and a rounding more changes no direction.
    if on_cpu(grads):
        if not (length := before.item()) <= threshold:
            torch._foreach_mul_(grads, threshold / length)
    elif grads:
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
    if on_cpu(grads):
        return [torch.linalg.vector_norm(grad) for grad in grads]  # what foreach does there, with less around it
    return list(torch._foreach_norm(list(grads))) if grads else []


def total(lengths: list[Tensor]) -> Tensor:
    """The norm of all together from the norms of each; 0 where there are none."""
    return torch.linalg.vector_norm(torch.stack(lengths)) if lengths else torch.zeros(())
