"""Changes of the colour, on pixels in [0, 1].

The functions take what is to be done, the classes draw it, one number an image.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .randomness import factor, uniform

LUMA = (0.299, 0.587, 0.114)
"""What red, green and blue count in the grey of a pixel (ITU-R BT.601)."""


@dataclass(frozen=True)
class Brightness:
    """Multiplies by 1 - fraction to 1 + fraction."""

    fraction: float

    def __call__(self, images: Tensor) -> Tensor:
        """The changed images."""
        return brightened(images, factor(images, self.fraction))


@dataclass(frozen=True)
class Contrast:
    """Multiplies the distance from the image's mean grey by 1 - fraction to 1 + fraction."""

    fraction: float

    def __call__(self, images: Tensor) -> Tensor:
        """The changed images."""
        return contrasted(images, factor(images, self.fraction))


@dataclass(frozen=True)
class Saturation:
    """Multiplies the distance from each pixel's own grey by 1 - fraction to 1 + fraction."""

    fraction: float

    def __call__(self, images: Tensor) -> Tensor:
        """The changed images."""
        return saturated(images, factor(images, self.fraction))


@dataclass(frozen=True)
class Hue:
    """Turns all colours of an image by -degrees to degrees on the colour wheel."""

    degrees: float

    def __call__(self, images: Tensor) -> Tensor:
        """The changed images."""
        return turned(images, uniform(images, -self.degrees, self.degrees).view(-1, 1, 1))


def brightened(images: Tensor, factors: Tensor) -> Tensor:
    """Multiply pixels by factors (n, 1, 1, 1), cut off at 0 and 1."""
    return (images * factors).clamp_(0, 1)


def contrasted(images: Tensor, factors: Tensor) -> Tensor:
    """Scale the distance from the image's mean grey, cut off at 0 and 1: mean + factor * (pixel - mean)."""
    means = images.mean(dim=(2, 3), keepdim=True)  # the grey is linear, so its mean is the grey of the means
    return (images * factors).add_(_grey(means) * (1 - factors)).clamp_(0, 1)


def saturated(images: Tensor, factors: Tensor) -> Tensor:
    """Scale the distance from each pixel's grey, cut off at 0 and 1: grey + factor * (pixel - grey)."""
    return torch.lerp(_grey(images), images, factors).clamp_(0, 1)


def turned(images: Tensor, degrees: Tensor) -> Tensor:
    """The same saturation and value (HSV), the hue moved by `degrees`, (n, 1, 1). Grey pixels stay."""
    red, green, blue = images.unbind(1)
    high = torch.maximum(torch.maximum(red, green), blue)
    low = torch.minimum(torch.minimum(red, green), blue)
    chroma = high - low
    # The hue in sixths of the wheel: 0 red, 2 green, 4 blue, from whichever is highest. Signs (0 or 1) and
    # lerp are four times as fast as where, whose branches follow the pixels.
    not_red, not_green = (high - red).sign_(), (high - green).sign_()
    by_green, by_blue = (blue - red).add_(chroma, alpha=2), (red - green).add_(chroma, alpha=4)
    hue = torch.lerp(green - blue, torch.lerp(by_green, by_blue, not_green), not_red)
    hue = hue.div_(chroma.clamp_min(torch.finfo(chroma.dtype).tiny)).add_(degrees / 60)
    result = torch.empty_like(images)
    for channel, full in enumerate((0.0, 2.0, 4.0)):
        # Full up to one sixth away from the channel's own hue, nothing from two sixths on, linear between.
        away = hue - full
        away.sub_((away * (1 / 6)).round_(), alpha=6)
        torch.addcmul(low, chroma, away.abs_().neg_().add_(2).clamp_(0, 1), out=result[:, channel])
    return result


def _grey(images: Tensor) -> Tensor:
    """(n, channels, ...) to (n, 1, ...): luma of red, green and blue; of other channels the mean."""
    if images.shape[1] != 3:
        return images.mean(dim=1, keepdim=True)
    red, green, blue = images.tensor_split(3, dim=1)
    return torch.add(torch.add(red * LUMA[0], green, alpha=LUMA[1]), blue, alpha=LUMA[2])
