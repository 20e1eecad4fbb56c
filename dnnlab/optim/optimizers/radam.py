"""RAdam: Adam that waits until the variance of its step is finite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from .adam_kernel import quotient_step
from .base import Group, Optimizer, count_up, of_equal_age


class RAdam(Optimizer):
    """As torch.optim.RAdam, in other roundings; torch has no fused kernel for it."""

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
            "exp_avg_sq": torch.zeros_like(parameter),
        }

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        columns = self.columns(group, params)
        count_up(columns[0])
        beta1, beta2 = group["betas"]
        for (step,), some, gradients, (_, means, squares) in of_equal_age(1, params, grads, columns):
            lr = group["lr"] / (1 - beta1**step)
            factor = rectification(step, beta2)
            size = 0.0 if factor is None else lr * factor * (1 - beta2**step) ** 0.5
            quotient_step(
                self.fused,
                some,
                gradients,
                means,
                squares,
                beta1=beta1,
                beta2=beta2,
                size=size,
                eps=group["eps"],
            )
            if factor is None:
                torch._foreach_add_(some, means, alpha=-lr)


def rectification(step: float, beta2: float) -> float | None:
    """r_t of the paper: how far the step's variance lies above its least.

    None while the mean holds too few squares to have a variance.

    >>> rectification(5, 0.999), round(rectification(6, 0.999), 6)
    (None, 0.025821)
    """
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * step * beta2**step / (1 - beta2**step)
    if length <= 5:
        return None
    return float(((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) ** 0.5)
