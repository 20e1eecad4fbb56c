"""Changes of the colour, on pixels in [0, 1].

Functions named after what they do take what is to be done; `by_factor` and `by_angle` draw it, one number an
image.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .randomness import factor, uniform

Change = Callable[[Tensor, Tensor], Tensor]
LUMA = (0.299, 0.587, 0.114)
"""What red, green and blue count in the grey of a pixel (ITU-R BT.601)."""


def by_factor(change: Change, fraction: float) -> Callable[[Tensor], Tensor]:
    """The change with a factor from 1 - fraction to 1 + fraction for each image."""
    return lambda images: change(images, factor(images, fraction))


def by_angle(degrees: float) -> Callable[[Tensor], Tensor]:
    """Turn the colours of each image by -degrees to degrees on the colour wheel."""
    return lambda images: turned(images, uniform(images, -degrees, degrees).view(-1, 1, 1))


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


@dataclass(frozen=True, eq=False)
class Colors:
    """Statistics of all pixels, in [0, 1], of the training part; float32 on the device."""

    mean: Tensor
    """(channels,)."""
    covariance: Tensor
    """(channels, channels)."""


@dataclass(frozen=True, eq=False)
class PcaColor:
    """Adds to all pixels of an image one colour along the principal axes of the training part's colours."""

    std: float
    colors: Colors

    def __call__(self, images: Tensor) -> Tensor:
        """The changed images."""
        # The paper adds sum_i a_i l_i v_i with a_i ~ N(0, std^2), l_i and v_i eigenvalues and eigenvectors of
        # the covariance C. With a = std V^T z this is std C z, z ~ N(0, 1): the same distribution, and no
        # eigenvector whose sign is left to the library.
        drawn = torch.randn(len(images), 3, device=images.device, dtype=images.dtype)
        return images + (drawn @ self.colors.covariance).mul_(self.std)[:, :, None, None]
