"""Whether an augmentation can act on images of a size; numbers only, no torch."""

from __future__ import annotations

import math
from typing import Any

from ...errors import ConfigError, Problem


def pixels(fraction: float, size: int) -> int:
    """A share of a side in whole pixels, rounded down."""
    return int(fraction * size + 1e-9)  # 0.29 of 100 is 28.999999999999996 in floats


def _too_little(fraction: float, height: int, width: int, side: int) -> ConfigError:
    """The error for a share that is no pixel at all of the side that counts."""
    least = math.ceil(1e4 / side) / 1e4
    received = f"{fraction:g} of {height}x{width} images is less than one pixel"
    return ConfigError(
        Problem(
            received,
            f"expected at least {least:.4g}",
            f"write fraction: {least:.4g} or more",
            path="fraction",
            code="no_effect",
        )
    )


def check_shift(height: int, width: int, *, fraction: float) -> None:
    """Raise `ConfigError` where no image of this size could move."""
    if not (pixels(fraction, height) or pixels(fraction, width)):
        raise _too_little(fraction, height, width, max(height, width))


def check_cutout(height: int, width: int, *, fraction: float, **_: Any) -> None:
    """Raise `ConfigError` where nothing of an image of this size would be covered."""
    if not (pixels(fraction, height) and pixels(fraction, width)):
        raise _too_little(fraction, height, width, min(height, width))


def check_crop(height: int, width: int, *, padding: int, **_: Any) -> None:
    """Raise `ConfigError` where a crop could leave nothing of an image of this size."""
    if padding >= min(height, width):
        raise _too_much(padding, height, width)


def _too_much(padding: int, height: int, width: int) -> ConfigError:
    most = min(height, width) - 1
    received = f"{padding} pixels of padding around {height}x{width} images can leave nothing of the image"
    fix = f"write padding: {max(1, min(most, round(min(height, width) / 8)))}" if most else "remove crop"
    return ConfigError(Problem(received, f"expected at most {most}", fix, path="padding", code="crop_size"))
