"""What hides a part of the image (cutout) or a little of every pixel (noise)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .color_ops import Colors
from .randomness import chosen, whole
from .size_checks import check_cutout, pixels


@dataclass(frozen=True, eq=False)
class Cutout:
    """Cover one rectangle of an image, `fraction` of its height and width, with the mean colour or black.

    Its centre is any pixel of the image, so that it may stick out.
    """

    fraction: float
    fill: str
    probability: float
    colors: Colors

    def __call__(self, images: Tensor) -> Tensor:
        """The changed images."""
        height, width = images.shape[2:]
        check_cutout(height, width, fraction=self.fraction)
        tall, broad = pixels(self.fraction, height), pixels(self.fraction, width)
        rows, columns = _span(images, height, tall), _span(images, width, broad)
        covered = (
            rows[:, None, :, None]
            & columns[:, None, None, :]
            & chosen(images, self.probability)[:, None, None, None]
        )
        fill = self.colors.mean if self.fill == "mean" else torch.zeros_like(self.colors.mean)
        return torch.lerp(
            images, fill[:, None, None], covered.to(images.dtype)
        )  # 0 or 1: exact, and faster than where


@dataclass(frozen=True)
class Noise:
    """Adds normal noise to every pixel of every channel."""

    std: float

    def __call__(self, images: Tensor) -> Tensor:
        """The changed images."""
        # By shape, not randn_like: an image whose channels lie innermost would be filled number by number,
        # and otherwise.
        return torch.randn(images.shape, device=images.device, dtype=images.dtype).mul_(self.std).add_(images)


def _span(images: Tensor, size: int, length: int) -> Tensor:
    """(n, size): true for `length` places around one that is drawn for each image."""
    start = whole(images, 0, size - 1) - length // 2
    places = torch.arange(size, device=images.device)
    return (places >= start) & (places < start + length)
