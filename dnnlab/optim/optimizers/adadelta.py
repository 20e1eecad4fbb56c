"""AdaDelta."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim.adadelta import adadelta

from .base import Group, Optimizer


class Adadelta(Optimizer):
    """As torch.optim.Adadelta(foreach=True), bit for bit."""

    def __init__(
        self, groups: Iterable[Mapping[str, Any]], *, lr: float, rho: float = 0.9, eps: float = 1e-6
    ) -> None:
        super().__init__(groups, lr, rho=rho, eps=eps)

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """Torch's kernel counts steps, though nothing reads them."""
        return {
            "step": torch.zeros((), dtype=torch.float32),
            "square_avg": torch.zeros_like(parameter),
            "acc_delta": torch.zeros_like(parameter),
        }

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        steps, squares, moves = self.columns(group, params)
        settings = {name: group[name] for name in ("lr", "rho", "eps")}
        adadelta(
            params, grads, squares, moves, steps, foreach=True, weight_decay=0.0, maximize=False, **settings
        )
