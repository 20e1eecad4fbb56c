"""AdaGrad, and AdaDelta, which sets its own step size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim.adadelta import adadelta

from .base import Group, Optimizer
from .fused_kernels import fused_adagrad


class Adagrad(Optimizer):
    """sum = sum + g^2; w = w - lr g / (sqrt(sum) + eps). As torch.optim.Adagrad(fused=True), bit for bit."""

    def __init__(
        self,
        groups: Iterable[Mapping[str, Any]],
        *,
        lr: float,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(groups, lr, initial_accumulator_value=initial_accumulator_value, eps=eps)

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """The sum of squared gradients so far."""
        return {"sum": torch.full_like(parameter, group["initial_accumulator_value"])}

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """One step for `params`, which all have a gradient."""
        adagrad_step(
            self.fused, params, grads, self.columns(group, params)[0], lr=group["lr"], eps=group["eps"]
        )


def adagrad_step(
    fused: bool, params: list[Tensor], grads: list[Tensor], sums: list[Tensor], *, lr: float, eps: float
) -> None:
    """One step on parameters and their sums of squares."""
    if fused:
        fused_adagrad(params, grads, sums, lr=lr, eps=eps)
        return
    torch._foreach_addcmul_(sums, grads, grads)
    below = torch._foreach_sqrt(sums)
    torch._foreach_add_(below, eps)
    torch._foreach_addcdiv_(params, grads, below, value=-lr)


class Adadelta(Optimizer):
    """As torch.optim.Adadelta(foreach=True), bit for bit."""

    def __init__(
        self, groups: Iterable[Mapping[str, Any]], *, lr: float, rho: float = 0.9, eps: float = 1e-6
    ) -> None:
        super().__init__(groups, lr, rho=rho, eps=eps)

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """Torch's kernel counts steps, though nothing reads them."""
        return {
            "step": torch.zeros((), dtype=torch.float32),
            "square_avg": torch.zeros_like(parameter),
            "acc_delta": torch.zeros_like(parameter),
        }

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """One step for `params`, which all have a gradient."""
        steps, squares, moves = self.columns(group, params)
        settings = {name: group[name] for name in ("lr", "rho", "eps")}
        adadelta(
            params, grads, squares, moves, steps, foreach=True, weight_decay=0.0, maximize=False, **settings
        )
