"""A mean of gradients over the root of a mean of squares, in one pass through memory: the heart of most adaptive optimizers."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .fused_kernels import fused_adam


def quotient_step(
    fused: bool,
    params: list[Tensor],
    grads: list[Tensor],
    means: list[Tensor],
    squares: list[Tensor],
    *,
    beta1: float,
    beta2: float,
    size: float,
    root: float = 1.0,
    eps: float,
) -> None:
    """mean = beta1 mean + (1 - beta1) g; square = beta2 square + (1 - beta2) g^2; w = w - size mean / (root sqrt(square) + eps).

    Torch's fused kernel for Adam does just this, with factors of its own that are divided out here. It is
    about three times as fast as one kernel for each operation, since the square root is torch's slowest
    elementwise one on CPUs. beta1, beta2: in [0, 1). root: > 0.
    """
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
    fused_adam(
        params,
        grads,
        means,
        squares,
        [],
        None,
        decoupled=False,
        lr=size * (1 - beta1) / own,
        beta1=beta1,
        beta2=beta2,
        eps=eps / own,
        weight_decay=0.0,
    )
