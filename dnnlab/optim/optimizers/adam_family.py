"""Relatives of Adam: NAdam, RAdam and AdaMax. torch has fused kernels for none of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from .adam_kernel import Quotient, quotient_step
from .base import Group, Optimizer, of_equal_age
from .fused_kernels import count_up


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
        """One step for `params`, which all have a gradient."""
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
        """Move w by past * mean + fresh * g, which is a running mean of gradients with another beta."""
        beta1, beta2 = group["betas"]
        ahead = self.scratch(params)
        torch._foreach_copy_(ahead, means)
        numbers = Quotient(
            beta1=past * beta1 / (past + fresh),
            beta2=beta2,
            size=group["lr"] * (past + fresh),
            eps=group["eps"],
            root=(1 - beta2**step) ** -0.5,
        )
        quotient_step(self.fused, params, grads, ahead, squares, numbers)
        torch._foreach_lerp_(means, grads, 1 - beta1)


def shares(step: float, product: float, beta1: float, decay: float) -> tuple[float, float, float]:
    """The shares of the mean and of the gradient in a step, and the step's momentum.

    Both shares are corrected for their start at 0. product: of the momenta of all steps before.
    """
    now, ahead = (beta1 * (1 - 0.5 * 0.96 ** (t * decay)) for t in (step, step + 1))
    return ahead / (1 - product * now * ahead), (1 - now) / (1 - product * now), now


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
        """One step for `params`, which all have a gradient."""
        columns = self.columns(group, params)
        count_up(columns[0])
        beta1, beta2 = group["betas"]
        for (step,), some, gradients, (_, means, squares) in of_equal_age(1, params, grads, columns):
            lr = group["lr"] / (1 - beta1**step)
            factor = rectification(step, beta2)
            size = 0.0 if factor is None else lr * factor * (1 - beta2**step) ** 0.5
            numbers = Quotient(beta1, beta2, size, group["eps"])
            quotient_step(self.fused, some, gradients, means, squares, numbers)
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


class Adamax(Optimizer):
    """As torch.optim.Adamax(foreach=True), bit for bit, without its sorting in every step."""

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
        """One step for `params`, which all have a gradient."""
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
