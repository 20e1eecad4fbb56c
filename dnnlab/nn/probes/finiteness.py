"""Whether all numbers of a tensor are finite, without a second tensor of its size."""

from __future__ import annotations

from torch import Tensor


def all_finite(tensor: Tensor) -> bool:
    """True when no element is NaN or infinite.

    One of them makes the sum NaN or infinite, so a finite sum settles it; a sum that overflows is followed by
    a look at each element.
    """
    return bool(tensor.sum().isfinite()) or bool(tensor.isfinite().all())
