"""Adam, and AdamW's form of it with decoupled weight decay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim.adam import adam

from .base import Group, Optimizer, decaying
from .fused_kernels import fused_adam


class Adam(Optimizer):
    """Steps of lr * mean(g) / sqrt(mean(g^2)), both means running and corrected for their start at 0.

    As torch.optim.Adam(fused=True), bit for bit.
    """

    def __init__(
        self,
        groups: Iterable[Mapping[str, Any]],
        *,
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(groups, lr, betas=tuple(betas), eps=eps, amsgrad=amsgrad)

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """Steps so far and the running means (with amsgrad also the largest mean square so far)."""
        return moments(parameter, group["amsgrad"], self.fused)

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """One step for `params`, which all have a gradient."""
        update_adam(group, params, grads, self.columns(group, params), self.fused, decoupled=False)


class AdamW(Adam):
    """Adam whose weights also shrink by lr * weight_decay a step.

    As torch.optim.AdamW(fused=True), bit for bit. Biases do not decay.
    """

    def __init__(
        self, groups: Iterable[Mapping[str, Any]], *, lr: float, weight_decay: float = 0.01, **settings: Any
    ) -> None:
        super().__init__(decaying(groups, weight_decay), lr=lr, **settings)

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """One step for `params`, which all have a gradient."""
        update_adam(group, params, grads, self.columns(group, params), self.fused, decoupled=True)


def moments(parameter: Tensor, amsgrad: bool, fused: bool) -> dict[str, Tensor]:
    """Adam's state of one parameter.

    The fused kernels read the step counter on the parameter's device, the others on the CPU.
    """
    state = {
        "step": torch.zeros((), dtype=torch.float32, device=parameter.device if fused else "cpu"),
        "exp_avg": torch.zeros_like(parameter),
        "exp_avg_sq": torch.zeros_like(parameter),
    }
    return {**state, "max_exp_avg_sq": torch.zeros_like(parameter)} if amsgrad else state


def update_adam(
    group: Group,
    params: list[Tensor],
    grads: list[Tensor],
    columns: tuple[list[Tensor], ...],
    fused: bool,
    decoupled: bool,
) -> None:
    """One step of Adam.

    decoupled: the weights shrink by lr * weight_decay; else weight_decay * w is added to the gradient.
    """
    steps, means, squares, *rest = columns
    largest = rest[0] if rest else []
    beta1, beta2 = group["betas"]
    settings = {"beta1": beta1, "beta2": beta2} | {key: group[key] for key in ("lr", "weight_decay", "eps")}
    if fused:
        fused_adam(params, grads, means, squares, largest, steps, decoupled=decoupled, **settings)
    else:
        options = {"amsgrad": bool(rest), "maximize": False, "decoupled_weight_decay": decoupled, **settings}
        adam(params, grads, means, squares, largest, steps, **options)
