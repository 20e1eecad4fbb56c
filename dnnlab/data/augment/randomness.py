"""Draws for augmentations: one number an image, on the images' device.

How many numbers are drawn depends on the size of the batch alone.
"""

from __future__ import annotations

import torch
from torch import Tensor


def uniform(images: Tensor, low: float, high: float) -> Tensor:
    """(n,) evenly distributed between low and high."""
    return torch.rand(len(images), device=images.device, dtype=images.dtype).mul_(high - low).add_(low)


def factor(images: Tensor, fraction: float) -> Tensor:
    """(n, 1, 1, 1) evenly distributed from 1 - fraction to 1 + fraction."""
    return uniform(images, 1 - fraction, 1 + fraction).view(-1, 1, 1, 1)


def chosen(images: Tensor, probability: float) -> Tensor:
    """(n,) of booleans, each true with this probability."""
    return torch.rand(len(images), device=images.device) < probability


def whole(images: Tensor, low: int, high: int) -> Tensor:
    """(n, 1) whole numbers, each from low to high equally likely, both included."""
    return torch.randint(low, high + 1, (len(images), 1), device=images.device)
