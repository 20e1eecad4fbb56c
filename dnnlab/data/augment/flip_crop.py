"""Mirroring and cropping: pixels move as they are, none is computed anew."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from .randomness import chosen, whole
from .size_checks import check_crop

_PAD_MODES = {"black": "constant", "edge": "replicate", "mirror": "reflect"}


@dataclass(frozen=True)
class Flip:
    """Mirrors an image left to right with this probability."""

    probability: float
    moves = True

    def __call__(self, images: Tensor) -> Tensor:
        """The changed images."""
        columns = _mirrored(images, self.probability, images.shape[3])
        return images.gather(3, columns[:, None, None, :].expand_as(images))


@dataclass(frozen=True)
class VerticalFlip:
    """Mirrors an image top to bottom with this probability."""

    probability: float
    moves = True

    def __call__(self, images: Tensor) -> Tensor:
        """The changed images."""
        n, channels, height, width = images.shape
        rows = _mirrored(images, self.probability, height)[:, None, :]
        first = torch.arange(n * channels, device=images.device).view(n, channels, 1) * height
        # Whole rows are copied, which is several times as fast as a gather of their pixels.
        return images.reshape(-1, width).index_select(0, (first + rows).flatten()).view(images.shape)


@dataclass(frozen=True)
class Crop:
    """Pads every side, then cuts the old size out at a place of its own for each image."""

    padding: int
    fill: str

    @property
    def moves(self) -> bool:
        """Whether all pixels that come in are pixels of the image."""
        return self.fill != "black"

    def __call__(self, images: Tensor) -> Tensor:
        """The changed images."""
        n, channels, height, width = images.shape
        check_crop(height, width, padding=self.padding)
        wide = pad(images, (self.padding,) * 4, mode=_PAD_MODES[self.fill])
        down, right = (whole(images, 0, 2 * self.padding) for _ in range(2))
        rows = (down + torch.arange(height, device=images.device)) * wide.shape[3] + right
        first = torch.arange(n * channels, device=images.device).view(n, channels, 1) * wide[0, 0].numel()
        # A view of as many pixels as a row has, from every pixel on: then whole rows are copied, which is
        # faster than single pixels.
        pieces = wide.flatten().unfold(0, width, 1)
        return pieces.index_select(0, (first + rows[:, None, :]).flatten()).view(images.shape)


def _mirrored(images: Tensor, probability: float, size: int) -> Tensor:
    """(n, size): for each image the places 0, 1, ... along one side, backwards where it is mirrored."""
    places = torch.arange(size, device=images.device)
    return torch.where(chosen(images, probability)[:, None], size - 1 - places, places)
