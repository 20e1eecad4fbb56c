"""Stochastic gradient descent with momentum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim.sgd import sgd

from .base import Group, Optimizer
from .fused_kernels import fused_sgd


class SGD(Optimizer):
    """v = momentum v + g; w = w - lr v, or w = w - lr (g + momentum v) with Nesterov's form.

    As torch.optim.SGD(fused=True), bit for bit.

    `group["momentum"]` may change from step to step; while it is 0 no buffer is kept, and v starts anew at
    the first g after it.
    """

    def __init__(
        self, groups: Iterable[Mapping[str, Any]], *, lr: float, momentum: float = 0.0, nesterov: bool = False
    ) -> None:
        super().__init__(groups, lr, momentum=momentum, nesterov=nesterov)

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """The velocity v. It starts at 0, which makes the first v equal g, as in torch."""
        return {"momentum_buffer": torch.zeros_like(parameter)}

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """One step for `params`, which all have a gradient."""
        momentum = group["momentum"]
        nesterov = group["nesterov"] and momentum != 0
        settings = {"lr": group["lr"], "weight_decay": group["weight_decay"]}
        buffers = self.columns(group, params)[0] if momentum != 0 else []
        if self.fused:
            fused_sgd(params, grads, buffers, momentum=momentum, nesterov=nesterov, **settings)
        else:
            options = {"momentum": momentum, "nesterov": nesterov, "dampening": 0.0, "maximize": False}
            sgd(params, grads, [*buffers] or [None] * len(params), **options, **settings)
