"""Lion: steps of one length, in the sign of a mean gradient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from .base import Group, Optimizer, decaying


class Lion(Optimizer):
    """w = w - lr (sign(beta1 m + (1 - beta1) g) + weight_decay w), then m = beta2 m + (1 - beta2) g.

    Decay acts on weights only.
    """

    def __init__(
        self,
        groups: Iterable[Mapping[str, Any]],
        *,
        lr: float,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(decaying(groups, weight_decay), lr, betas=tuple(betas))

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """The running mean of the gradients."""
        return {"exp_avg": torch.zeros_like(parameter)}

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """One step for `params`, which all have a gradient."""
        (means,) = self.columns(group, params)
        beta1, beta2 = group["betas"]
        direction = torch._foreach_lerp(means, grads, 1 - beta1)
        torch._foreach_sign_(direction)
        if group["weight_decay"]:
            torch._foreach_mul_(params, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_add_(params, direction, alpha=-group["lr"])
        torch._foreach_lerp_(means, grads, 1 - beta2)
