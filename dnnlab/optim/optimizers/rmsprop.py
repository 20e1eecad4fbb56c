"""RMSProp, plain, centered and with momentum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from .adam_kernel import Quotient, quotient_step
from .base import Group, Optimizer


class RMSprop(Optimizer):
    """As torch.optim.RMSprop, in other roundings; torch has no fused kernel for it.

    momentum: None keeps no velocity at all; a number may change from step to step in `group["momentum"]`, to
    and from 0 too.
    """

    def __init__(
        self,
        groups: Iterable[Mapping[str, Any]],
        *,
        lr: float,
        alpha: float = 0.9,
        momentum: float | None = None,
        centered: bool = False,
        eps: float = 1e-8,
    ) -> None:
        moving = {} if momentum is None else {"momentum": momentum}
        super().__init__(groups, lr, alpha=alpha, centered=centered, eps=eps, **moving)

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """The mean square; where they are kept, the mean and the velocity."""
        names = [
            "square_avg",
            *["grad_avg"] * group["centered"],
            *["momentum_buffer"] * ("momentum" in group),
        ]
        return {name: torch.zeros_like(parameter) for name in names}

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """One step for `params`, which all have a gradient."""
        squares, *rest = self.columns(group, params)
        moved, size = params, group["lr"]
        if "momentum" in group:
            moved, size = rest[-1], -1.0  # the velocity takes in g / root, and the weights follow it
            torch._foreach_mul_(moved, group["momentum"])
        if group["centered"]:
            centered_step(group, moved, grads, rest[0], squares, size)
        else:
            fresh = self.scratch(params)  # a mean without memory is the gradient itself
            numbers = Quotient(0.0, group["alpha"], size, group["eps"])
            quotient_step(self.fused, moved, grads, fresh, squares, numbers)
        if "momentum" in group:
            torch._foreach_add_(params, moved, alpha=-group["lr"])


def centered_step(
    group: Group,
    moved: list[Tensor],
    grads: list[Tensor],
    means: list[Tensor],
    squares: list[Tensor],
    size: float,
) -> None:
    """Divide by the root of the mean square less the squared mean: the gradient's running deviation."""
    torch._foreach_mul_(squares, group["alpha"])
    torch._foreach_addcmul_(squares, grads, grads, value=1 - group["alpha"])
    torch._foreach_lerp_(means, grads, 1 - group["alpha"])
    below = torch._foreach_addcmul(squares, means, means, value=-1)
    torch._foreach_clamp_min_(below, 0.0)  # roundings can make a variance of 0 negative
    torch._foreach_sqrt_(below)
    torch._foreach_add_(below, group["eps"])
    torch._foreach_addcdiv_(moved, grads, below, value=-size)
