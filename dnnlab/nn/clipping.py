"""Gradient clipping, in place, without waiting for the device. Each function returns the global norm from before."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

# Divisors max(norm, threshold) / threshold are exactly 1 where nothing is to be clipped, so such gradients keep their bits;
# a norm that is not finite makes NaN gradients, which the engine finds.


def clip_value(params: Iterable[Tensor], threshold: float) -> Tensor:
    """Each number of each gradient to [-threshold, threshold]."""
    grads = gradients(params)
    before = total(norms(grads))
    if grads:
        torch._foreach_clamp_min_(grads, -threshold)
        torch._foreach_clamp_max_(grads, threshold)
    return before


def clip_norm(params: Iterable[Tensor], threshold: float) -> Tensor:
    """Each gradient that is longer than `threshold` (L2) is shortened to it, on its own."""
    grads = gradients(params)
    lengths = norms(grads)
    if grads:
        divisors = torch._foreach_div(torch._foreach_clamp_min(lengths, threshold), threshold)
        torch._foreach_div_(grads, divisors)
    return total(lengths)


def clip_global_norm(params: Iterable[Tensor], threshold: float) -> Tensor:
    """All gradients by one factor, where together they are longer than `threshold` (L2)."""
    grads = gradients(params)
    before = total(norms(grads))
    if grads:
        torch._foreach_div_(grads, before.clamp_min(threshold) / threshold)
    return before


def gradients(params: Iterable[Tensor]) -> list[Tensor]:
    """The gradients that there are."""
    return [p.grad for p in params if p.grad is not None]


def norms(grads: list[Tensor]) -> list[Tensor]:
    """L2 norm of each, 0-dim."""
    return list(torch._foreach_norm(grads)) if grads else []


def total(lengths: list[Tensor]) -> Tensor:
    """The norm of all together from the norms of each; 0 where there are none."""
    return torch.linalg.vector_norm(torch.stack(lengths)) if lengths else torch.zeros(())
