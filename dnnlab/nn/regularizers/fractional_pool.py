"""Max pooling whose regions are drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..seeds import mix

KERNEL = (2, 2)


@dataclass(frozen=True)
class FractionalPools:
    """Puts fractional max pooling in the place of the max poolings."""

    ratio: float

    def on_pool(self, name: str) -> nn.Module:
        """The pooling called `name`."""
        return FractionalMaxPool(self.ratio, mix(0, f"fractional_max_pool {name}"))


class FractionalMaxPool(nn.Module):
    """The maximum over overlapping 2x2 regions, `floor(side / ratio)` of them along each side of `side` numbers.

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
