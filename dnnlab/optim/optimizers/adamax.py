"""AdaMax: Adam with the largest gradient in place of the root of the mean square."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from .base import Group, Optimizer, count_up, of_equal_age


class Adamax(Optimizer):
    """As torch.optim.Adamax(foreach=True), bit for bit, without that function's sorting and reading in every step."""

    def __init__(
        self,
        groups: Iterable[Mapping[str, Any]],
        *,
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(groups, lr, betas=tuple(betas), eps=eps)

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """The counter stays on the CPU, where reading it waits for no device."""
        return {
            "step": torch.zeros((), dtype=torch.float32),
            "exp_avg": torch.zeros_like(parameter),
            "exp_inf": torch.zeros_like(parameter),
        }

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        columns = self.columns(group, params)
        count_up(columns[0])
        beta1, beta2 = group["betas"]
        for (step,), some, gradients, (_, means, largest) in of_equal_age(1, params, grads, columns):
            torch._foreach_lerp_(means, gradients, 1 - beta1)
            torch._foreach_mul_(largest, beta2)
            sizes = torch._foreach_abs(gradients)
            torch._foreach_add_(sizes, group["eps"])
            torch._foreach_maximum_(largest, sizes)
            torch._foreach_addcdiv_(some, means, largest, value=-group["lr"] / (1 - beta1**step))
