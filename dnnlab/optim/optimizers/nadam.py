"""NAdam: Adam with Nesterov's look ahead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from .adam_kernel import quotient_step
from .base import Group, Optimizer, count_up, of_equal_age


class NAdam(Optimizer):
    """As torch.optim.NAdam, in other roundings; torch has no fused kernel for it."""

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
            "mu_product": torch.ones((), dtype=torch.float64),
            "exp_avg": torch.zeros_like(parameter),
            "exp_avg_sq": torch.zeros_like(parameter),
        }

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        columns = self.columns(group, params)
        count_up(columns[0])
        for (step, product), some, gradients, (_, products, means, squares) in of_equal_age(
            2, params, grads, columns
        ):
            past, fresh, now = shares(step, product, group["betas"][0], group["momentum_decay"])
            torch._foreach_mul_(products, now)
            self.piece(group, some, gradients, means, squares, past=past, fresh=fresh, step=step)

    def piece(
        self,
        group: Group,
        params: list[Tensor],
        grads: list[Tensor],
        means: list[Tensor],
        squares: list[Tensor],
        *,
        past: float,
        fresh: float,
        step: float,
    ) -> None:
        """Move w by past * mean + fresh * g, which is again a running mean of the gradients, with another beta."""
        beta1, beta2 = group["betas"]
        ahead = self.scratch(params)
        torch._foreach_copy_(ahead, means)
        quotient_step(
            self.fused,
            params,
            grads,
            ahead,
            squares,
            beta1=past * beta1 / (past + fresh),
            beta2=beta2,
            size=group["lr"] * (past + fresh),
            root=(1 - beta2**step) ** -0.5,
            eps=group["eps"],
        )
        torch._foreach_lerp_(means, grads, 1 - beta1)


def shares(step: float, product: float, beta1: float, decay: float) -> tuple[float, float, float]:
    """How much the mean and the gradient count in a step, both corrected for their start at 0, and the step's momentum.

    product: of the momenta of all steps before.
    """
    now, ahead = (beta1 * (1 - 0.5 * 0.96 ** (t * decay)) for t in (step, step + 1))
    return ahead / (1 - product * now * ahead), (1 - now) / (1 - product * now), now
