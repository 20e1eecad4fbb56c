"""Random translations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Gt, Lt

from ...errors import ConfigError, Problem
from ...registry import part

if TYPE_CHECKING:
    from torch import Tensor

Share = Annotated[float, Gt(0), Lt(1)]


@part(
    "augment",
    source="Simard, Steinkraus & Platt 2003, Best practices for convolutional neural networks, section 2",
    example={"fraction": 0.25},
    conversions={
        "torch": "torchvision RandomAffine(0, translate=(f, f)) fills with 0; here the nearest edge comes in",
        "keras": 'RandomTranslation(f, f, fill_mode="nearest"): its default "reflect" mirrors the image instead; here whole pixels',
    },
)
def shift(*, fraction: Share = 0.1) -> Any:
    """Moves every image by its own whole number of pixels, right or left and up or down.

    fraction: the farthest move as a share of the width and of the height, in (0, 1), rounded down to pixels; all whole offsets up to
    it are equally likely. What comes into view repeats the nearest edge pixel, so that no value appears that the image does not
    have (0 is no background once images are standardized). Shapes: (n, channels, height, width) to the same, images only.
    Draws from the device's default generator. Raises `ConfigError` when the images are so small that nothing could move.
    """
    import torch

    def apply(images: Tensor) -> Tensor:
        n, channels, height, width = images.shape
        down, right = _pixels(fraction, height), _pixels(fraction, width)
        if down == 0 and right == 0:
            raise _too_little(fraction, height, width)
        dy = torch.randint(-down, down + 1, (n, 1), device=images.device)
        dx = torch.randint(-right, right + 1, (n, 1), device=images.device)
        rows = (torch.arange(height, device=images.device) - dy).clamp_(0, height - 1)
        columns = (torch.arange(width, device=images.device) - dx).clamp_(0, width - 1)
        # One gather over flattened pixels: several times as fast as four broadcast index tensors.
        source = (rows[:, :, None] * width + columns[:, None, :]).view(n, 1, height * width)
        return images.flatten(2).gather(2, source.expand(-1, channels, -1)).view(images.shape)

    return apply


def _pixels(fraction: float, size: int) -> int:
    return int(fraction * size + 1e-9)  # 0.29 of 100 is 28.999999999999996 in floats


def _too_little(fraction: float, height: int, width: int) -> ConfigError:
    least = math.ceil(1e4 / max(height, width)) / 1e4
    received = f"{fraction:g} of {height}x{width} images is less than one pixel"
    return ConfigError(
        Problem(received, f"expected at least {least:.4g}", f"write fraction: {least:.4g} or more", path="fraction", code="no_effect")
    )
