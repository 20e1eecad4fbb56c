"""Rprop: a step size of its own for every weight, moved by the gradient's sign alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from .base import Group, Optimizer


class Rprop(Optimizer):
    """As torch.optim.Rprop, in whole-tensor operations, which take a fifth of its time.

    There the rate is only the first step size. Here all steps are lr / (first lr) of their step size, so that
    schedules and factors act.
    """

    def __init__(
        self,
        groups: Iterable[Mapping[str, Any]],
        *,
        lr: float,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
    ) -> None:
        super().__init__(groups, lr, etas=tuple(etas), step_sizes=tuple(step_sizes), first=lr)

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """The gradient of the step before, and a step size for each weight."""
        return {"prev": torch.zeros_like(parameter), "step_size": torch.full_like(parameter, group["first"])}

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """One step for `params`, which all have a gradient."""
        previous, sizes = self.columns(group, params)
        turned = torch._foreach_mul(grads, previous)
        torch._foreach_sign_(turned)  # -1 where the gradient changed its sign, 1 where it kept it
        scale_sizes(sizes, turned, *group["etas"], *group["step_sizes"])
        torch._foreach_clamp_max_(turned, 0.0)
        torch._foreach_add_(turned, 1.0)  # a weight that overshot rests for a step: 0, the others 1
        torch._foreach_mul_(turned, grads)
        torch._foreach_copy_(previous, turned)
        torch._foreach_sign_(turned)
        torch._foreach_addcmul_(params, turned, sizes, value=-group["lr"] / group["first"])


def scale_sizes(
    sizes: list[Tensor],
    turned: tuple[Tensor, ...],
    shorter: float,
    longer: float,
    least: float,
    largest: float,
) -> None:
    """Multiply sizes by `longer` where `turned` is 1, by `shorter` where it is -1, and bound them."""
    factors = torch._foreach_clamp_min(turned, 0.0)
    torch._foreach_mul_(factors, longer - 1)
    torch._foreach_add_(factors, torch._foreach_clamp_max(turned, 0.0), alpha=1 - shorter)
    torch._foreach_add_(factors, 1.0)
    torch._foreach_mul_(sizes, factors)
    torch._foreach_clamp_min_(sizes, least)
    torch._foreach_clamp_max_(sizes, largest)
