"""Statistics of the training images' colours (`Colors`), and the augmentation that uses them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


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
