"""Shift, rotation and zoom: one affine map an image.

Neighbours in a list are multiplied, so that the images are resampled once.

Coordinates are pixels from the image's centre, x to the right and y down. A map leads from a place in the
result to the place in the image that is seen there. What comes into view repeats the nearest edge pixel.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from .randomness import factor, uniform, whole
from .size_checks import check_shift, pixels


class Geometric(ABC):
    """An augmentation that is one affine map an image."""

    moves = True

    @abstractmethod
    def maps(self, images: Tensor) -> Tensor:
        """Draw the maps of a batch: (n, 3, 3)."""

    def __call__(self, images: Tensor) -> Tensor:
        """The changed images."""
        return resample(images, self.maps(images))


@dataclass(frozen=True)
class Shift(Geometric):
    """Whole pixels, up to `fraction` of width and height.

    Alone it gathers pixels: exact, and faster than resampling.
    """

    fraction: float

    def maps(self, images: Tensor) -> Tensor:
        """Draw the maps of a batch: (n, 3, 3)."""
        down, right = self._draw(images)
        return translation(right[:, 0].to(images.dtype), down[:, 0].to(images.dtype))

    def __call__(self, images: Tensor) -> Tensor:
        """The changed images."""
        n, channels, height, width = images.shape
        down, right = self._draw(images)
        rows = (torch.arange(height, device=images.device) - down).clamp_(0, height - 1)
        columns = (torch.arange(width, device=images.device) - right).clamp_(0, width - 1)
        # One gather over flattened pixels: several times as fast as four broadcast index tensors.
        source = (rows[:, :, None] * width + columns[:, None, :]).view(n, 1, height * width)
        return images.flatten(2).gather(2, source.expand(-1, channels, -1)).view(images.shape)

    def _draw(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels down and to the right, (n, 1) each. Raises `ConfigError` where nothing could move."""
        height, width = images.shape[2:]
        check_shift(height, width, fraction=self.fraction)
        down, right = pixels(self.fraction, height), pixels(self.fraction, width)
        return whole(images, -down, down), whole(images, -right, right)


@dataclass(frozen=True)
class Rotate(Geometric):
    """About the centre, from -degrees to degrees, counterclockwise where positive."""

    degrees: float

    def maps(self, images: Tensor) -> Tensor:
        """Draw the maps of a batch: (n, 3, 3)."""
        return rotation(uniform(images, -self.degrees, self.degrees))


@dataclass(frozen=True)
class Zoom(Geometric):
    """About the centre; things become 1 - fraction to 1 + fraction times as large."""

    fraction: float

    def maps(self, images: Tensor) -> Tensor:
        """Draw the maps of a batch: (n, 3, 3)."""
        return magnification(factor(images, self.fraction).flatten())


@dataclass(frozen=True)
class Composed(Geometric):
    """Several maps one after the other, as one."""

    steps: Sequence[Geometric]

    def maps(self, images: Tensor) -> Tensor:
        """Draw the maps of a batch: (n, 3, 3)."""
        result = self.steps[0].maps(images)
        for step in self.steps[1:]:
            result = result @ step.maps(
                images
            )  # the last one is the first on the way from the result back to the image
        return result


def translation(right: Tensor, down: Tensor) -> Tensor:
    """Maps of moves by so many pixels: (n,) each to (n, 3, 3)."""
    zero, one = torch.zeros_like(right), torch.ones_like(right)
    return _stacked(one, zero, -right, zero, one, -down)


def rotation(degrees: Tensor) -> Tensor:
    """Maps of turns by these angles, counterclockwise as seen: (n,) to (n, 3, 3)."""
    angles = degrees * (math.pi / 180)
    cos, sin, zero = angles.cos(), angles.sin(), torch.zeros_like(angles)
    return _stacked(cos, -sin, zero, sin, cos, zero)


def magnification(factors: Tensor) -> Tensor:
    """Maps that show things `factors` times as large: (n,) to (n, 3, 3)."""
    inverse, zero = 1 / factors, torch.zeros_like(factors)
    return _stacked(inverse, zero, zero, zero, inverse, zero)


def resample(images: Tensor, maps: Tensor) -> Tensor:
    """What is seen through these maps, (n, 3, 3): bilinear, and the nearest edge pixel beyond the border."""
    height, width = images.shape[2:]
    x, y = (
        torch.arange(size, device=images.device, dtype=images.dtype) - (size - 1) / 2
        for size in (width, height)
    )
    # grid_sample counts from -1 to 1 between the outer edges of the outer pixels.
    maps = maps[:, :2] * maps.new_tensor([[2 / width], [2 / height]])
    across = maps[:, :, 0:1] * x + maps[:, :, 2:3]
    along = maps[:, :, 1:2] * y
    # (n, 2, h, w) seen as (n, h, w, 2): three times as fast as affine_grid.
    grid = (across[:, :, None, :] + along[:, :, :, None]).permute(0, 2, 3, 1)
    return grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _stacked(a: Tensor, b: Tensor, c: Tensor, d: Tensor, e: Tensor, f: Tensor) -> Tensor:
    zero, one = torch.zeros_like(a), torch.ones_like(a)
    return torch.stack((a, b, c, d, e, f, zero, zero, one), dim=1).view(-1, 3, 3)
