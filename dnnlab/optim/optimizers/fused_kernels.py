"""torch's fused optimizer kernels: one pass through memory for a whole group of tensors.

The kernels themselves are private. torch's public functions sort the tensors by device and type before they
call them, in every step: 15 us on a small net. So the kernels are looked up once, and a version of torch
without one of these names gets the public function instead, which gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.optim.adagrad import adagrad
from torch.optim.adam import adam
from torch.optim.sgd import sgd

Kernel = Callable[..., Any]

ADAM: Kernel | None = getattr(torch, "_fused_adam_", None)
ADAMW: Kernel | None = getattr(torch, "_fused_adamw_", None)
ADAGRAD: Kernel | None = getattr(torch, "_fused_adagrad_", None)
SGD: Kernel | None = getattr(torch, "_fused_sgd_", None)

_ONE = torch.ones(())


@cache
def fused_kernels_exist() -> bool:
    """Whether this torch has fused kernels, under their private names or inside its public functions."""
    if None not in (ADAM, ADAMW, ADAGRAD, SGD):
        return True
    weight, gradient, mean, square = ([torch.zeros(1)] for _ in range(4))
    try:
        settings = {"lr": 0.0, "beta1": 0.9, "beta2": 0.9, "eps": 1.0, "weight_decay": 0.0}
        fused_adam(weight, gradient, mean, square, [], None, decoupled=False, **settings)
        fused_adagrad(weight, gradient, square, lr=0.0, eps=1.0)
        fused_sgd(weight, gradient, [], lr=0.0, momentum=0.0, nesterov=False, weight_decay=0.0)
    except (AttributeError, RuntimeError):
        return False
    return True


def fused_adam(
    params: list[Tensor],
    grads: list[Tensor],
    means: list[Tensor],
    squares: list[Tensor],
    largest: list[Tensor],
    steps: list[Tensor] | None,
    *,
    decoupled: bool,
    **settings: float,
) -> None:
    """Count `steps` up and update by Adam, or by AdamW if the decay is `decoupled`.

    largest: with amsgrad, the largest mean squares so far; else empty. steps: None for the corrections of a
    first step. settings: lr, beta1, beta2, eps, weight_decay.
    """
    tensors = (params, grads, means, squares, largest)
    options: dict[str, Any] = {"amsgrad": bool(largest), "maximize": False, **settings}
    kernel = ADAMW if decoupled else ADAM
    if kernel is None:
        counters = zero_counters(params) if steps is None else steps
        adam(*tensors, counters, fused=True, decoupled_weight_decay=decoupled, **options)
        return
    if steps is not None:
        count_up(steps)
    counters = [one(params[0].device)] * len(params) if steps is None else steps
    kernel(*tensors, counters, grad_scale=None, found_inf=None, **options)


def fused_adagrad(
    params: list[Tensor], grads: list[Tensor], sums: list[Tensor], *, lr: float, eps: float
) -> None:
    """Add g^2 to the sums, and move w by lr g / (sqrt(sum) + eps)."""
    settings: dict[str, Any] = {
        "lr": lr,
        "lr_decay": 0.0,
        "weight_decay": 0.0,
        "eps": eps,
        "maximize": False,
    }
    if ADAGRAD is not None:
        # Only torch's own decay of the rate reads the counters.
        ADAGRAD(params, grads, sums, [one(params[0].device)] * len(params), **settings)
    else:
        adagrad(params, grads, sums, zero_counters(params), fused=True, **settings)


def fused_sgd(
    params: list[Tensor],
    grads: list[Tensor],
    buffers: list[Tensor],
    *,
    lr: float,
    momentum: float,
    nesterov: bool,
    weight_decay: float,
) -> None:
    """Set v to momentum v + g, and move w by lr v; with Nesterov by lr (g + momentum v).

    buffers: v; empty without momentum.
    """
    settings: dict[str, Any] = {
        "lr": lr,
        "momentum": momentum,
        "nesterov": nesterov,
        "weight_decay": weight_decay,
        "dampening": 0.0,
        "maximize": False,
    }
    if SGD is not None:
        SGD(params, grads, buffers, is_first_step=False, **settings)
    else:
        sgd(params, grads, [*buffers] or [None] * len(params), fused=True, **settings)


def count_up(steps: list[Tensor]) -> None:
    """Add one to every step counter.

    On the CPU with a tensor made once, because wrapping a number each time costs more than the sum.
    """
    if steps[0].is_cpu:
        torch._foreach_add_(steps, _ONE, alpha=1.0)
    else:
        torch._foreach_add_(steps, 1)


def zero_counters(params: list[Tensor]) -> list[Tensor]:
    """A new step counter for each parameter, on its device."""
    return [torch.zeros((), dtype=torch.float32, device=p.device) for p in params]


@cache
def one(device: torch.device) -> Tensor:
    """A counter of value 1, for kernels that do not change their counters. Never written to."""
    return torch.ones((), dtype=torch.float32, device=device)
