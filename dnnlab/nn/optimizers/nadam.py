"""NAdam: Adam with Nesterov's look ahead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim.nadam import nadam

from .base import Group, Optimizer


class NAdam(Optimizer):
    """As torch.optim.NAdam(foreach=True), bit for bit; torch has no fused kernel for it."""

    def __init__(
        self,
        groups: Iterable[Mapping[str, Any]],
        *,
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        momentum_decay: float = 4e-3,
    ) -> None:
        super().__init__(groups, lr, betas=tuple(betas), eps=eps, momentum_decay=momentum_decay)

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """Counter and product of momenta stay on the CPU, where reading them waits for no device."""
        return {
            "step": torch.zeros((), dtype=torch.float32),
            "mu_product": torch.ones((), dtype=torch.float32),
            "exp_avg": torch.zeros_like(parameter),
            "exp_avg_sq": torch.zeros_like(parameter),
        }

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        steps, products, means, squares = self.columns(group, params)
        beta1, beta2 = group["betas"]
        nadam(
            params,
            grads,
            means,
            squares,
            products,
            steps,
            foreach=True,
            beta1=beta1,
            beta2=beta2,
            lr=group["lr"],
            weight_decay=group["weight_decay"],
            momentum_decay=group["momentum_decay"],
            eps=group["eps"],
        )
