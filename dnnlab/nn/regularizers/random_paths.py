"""Paths through the net that are drawn: residual branches are dropped, pooling regions vary."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..seeds import mix


@dataclass(frozen=True)
class StochasticDepth:
    """Gives the branch of block l of L the rate l / L * rate: the linear rule."""

    rate: float

    def on_branch(self, name: str, index: int, count: int) -> nn.Module | None:
        """The module after the branch of block `index` (from 1) of `count`."""
        return DropBranch(self.rate * index / count) if self.rate > 0 else None


class DropBranch(nn.Module):
    """In training a row's branch is 0 with probability `rate`, else divided by 1 - rate.

    Evaluation leaves it. Shapes: the same.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = self.amount = rate

    def forward(self, branch: Tensor) -> Tensor:
        """(n, ...) to the same; one draw a row."""
        if not self.training:
            return branch
        return branch * F.dropout(branch.new_ones(len(branch), *(1,) * (branch.ndim - 1)), self.rate)


KERNEL = (2, 2)


@dataclass(frozen=True)
class FractionalPools:
    """Puts fractional max pooling in the place of the max poolings."""

    ratio: float

    def on_pool(self, name: str) -> nn.Module:
        """The pooling called `name`."""
        return FractionalMaxPool(self.ratio, mix(0, f"fractional_max_pool {name}"))


class FractionalMaxPool(nn.Module):
    """The maximum over overlapping 2x2 regions, `floor(side / ratio)` of them along each side.

    In training the regions are drawn anew for every row and channel; in evaluation they are those of one draw
    from `seed`, the same for all rows and channels. Shapes: (n, channels, height, width) to (n, channels,
    floor(height / ratio), floor(width / ratio)).
    """

    regions: Tensor

    def __init__(self, ratio: float, seed: int) -> None:
        super().__init__()
        self.ratio = ratio
        drawn = torch.rand(1, 1, 2, generator=torch.Generator().manual_seed(seed))
        self.register_buffer(
            "regions", drawn, persistent=False
        )  # made from the seed again, so no checkpoint holds it

    def forward(self, inputs: Tensor) -> Tensor:
        """Training draws from the device's default generator."""
        rows, channels, height, width = inputs.shape
        sizes = (math.floor(height / self.ratio), math.floor(width / self.ratio))
        like = (
            self.regions
        )  # in full precision, also under autocast: evaluation has the same regions everywhere
        drawn = (
            torch.rand(rows, channels, 2, dtype=like.dtype, device=like.device)
            if self.training
            else like.expand(rows, channels, 2)
        )
        with torch.no_grad():
            _, places = F.fractional_max_pool2d_with_indices(
                inputs.to(like.dtype), KERNEL, sizes, _random_samples=drawn
            )
        # Gathered, because the slope of torch's own kernel does not repeat bit by bit on a GPU, and is
        # refused there.
        return inputs.flatten(2).gather(2, places.flatten(2)).view(rows, channels, *sizes)
