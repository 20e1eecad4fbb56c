"""The update that most adaptive optimizers share: a mean of gradients over the root of mean squares."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from .fused_kernels import fused_adam


class Quotient(NamedTuple):
    """The numbers of a step."""

    beta1: float
    """Memory of the mean, in [0, 1)."""
    beta2: float
    """Memory of the mean square, in [0, 1)."""
    size: float
    """How far the weights move along the quotient."""
    eps: float
    root: float = 1.0
    """Factor of the root of the mean square, > 0."""


def quotient_step(
    fused: bool,
    params: list[Tensor],
    grads: list[Tensor],
    means: list[Tensor],
    squares: list[Tensor],
    step: Quotient,
) -> None:
    """Update means and squares, and move w by size * mean / (root sqrt(square) + eps).

    mean = beta1 mean + (1 - beta1) g; square = beta2 square + (1 - beta2) g^2. Torch's fused kernel for Adam
    does just this, with factors of its own that are divided out here. It is about three times as fast as one
    kernel for each operation, since the square root is torch's slowest elementwise one on CPUs.
    """
    beta1, beta2, size, eps, root = step
    if not fused:
        torch._foreach_lerp_(means, grads, 1 - beta1)
        torch._foreach_mul_(squares, beta2)
        torch._foreach_addcmul_(squares, grads, grads, value=1 - beta2)
        below = torch._foreach_sqrt(squares)
        torch._foreach_mul_(below, root)
        torch._foreach_add_(below, eps)
        torch._foreach_addcdiv_(params, means, below, value=-size)
        return
    # In its first step the kernel takes lr / (1 - beta1) of mean / (sqrt(square) / sqrt(1 - beta2) + eps).
    own = root * math.sqrt(1 - beta2)
    settings = {"lr": size * (1 - beta1) / own, "beta1": beta1, "beta2": beta2, "eps": eps / own}
    fused_adam(params, grads, means, squares, [], None, decoupled=False, weight_decay=0.0, **settings)
