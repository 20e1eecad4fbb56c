"""Gradient clipping, in place, without waiting for the device. Each function returns the global norm from before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

# Divisors max(norm / threshold, 1) are exactly 1 where nothing is to be clipped, so such gradients keep their bits; a norm that is not
# finite makes NaN gradients, which the engine finds. On the CPU nothing is waited for, so numbers are read there, and what needs no
# clipping is not touched: that saves half of the time.


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
    lengths = norms(grads)
    if on_cpu(grads):
        for grad, length in zip(grads, torch.stack(lengths).tolist(), strict=True):
            if not length <= threshold:
                grad.div_(length / threshold)
    elif grads:
        divisors = torch._foreach_div(lengths, threshold)
        torch._foreach_clamp_min_(divisors, 1.0)
        torch._foreach_div_(grads, divisors)
    return total(lengths)


def clip_global_norm(params: Iterable[Tensor], threshold: float) -> Tensor:
    """All gradients by one factor, where together they are longer than `threshold` (L2)."""
    grads = gradients(params)
    before = total(norms(grads))
    if grads and (not on_cpu(grads) or not before.item() <= threshold):
        # One factor for all: a product takes half the time of a quotient, and a rounding more changes no direction.
        torch._foreach_mul_(grads, (before / threshold).clamp_min_(1.0).reciprocal_())
    return before


def gradients(params: Iterable[Tensor]) -> list[Tensor]:
    """The gradients that there are."""
    return [p.grad for p in params if p.grad is not None]


def on_cpu(grads: Sequence[Tensor]) -> bool:
    """Whether there are gradients whose numbers can be read without waiting."""
    return len(grads) > 0 and grads[0].device.type == "cpu"


def norms(grads: list[Tensor]) -> list[Tensor]:
    """L2 norm of each, 0-dim."""
    return list(torch._foreach_norm(grads)) if grads else []


def total(lengths: list[Tensor]) -> Tensor:
    """The norm of all together from the norms of each; 0 where there are none."""
    return torch.linalg.vector_norm(torch.stack(lengths)) if lengths else torch.zeros(())
