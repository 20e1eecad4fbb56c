"""Residual blocks that are left out of single rows' way through the net."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class StochasticDepth:
    """Gives the branch of block l of L the rate l / L * rate: the linear rule."""

    rate: float

    def on_branch(self, name: str, index: int, count: int) -> nn.Module | None:
        """The module behind the branch of block `index` (from 1) of `count`."""
        return DropBranch(self.rate * index / count) if self.rate > 0 else None


class DropBranch(nn.Module):
    """In training a row's whole branch is 0 with probability `rate`, else divided by 1 - rate; evaluation leaves it. Shapes: the same."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = self.amount = rate

    def forward(self, branch: Tensor) -> Tensor:
        """(n, ...) to the same; one draw a row."""
        if not self.training:
            return branch
        return branch * F.dropout(branch.new_ones(len(branch), *(1,) * (branch.ndim - 1)), self.rate)
