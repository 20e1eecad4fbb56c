"""Random translations."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Gt, Lt

from ...data.augment.size_checks import check_shift
from ...registry import part

Share = Annotated[float, Gt(0), Lt(1)]


@part(
    "augment",
    source="Simard, Steinkraus & Platt 2003, Best practices for convolutional neural networks, section 2",
    aliases=("translate", "translation"),
    example={"fraction": 0.25},
    conversions={
        "torch": "torchvision RandomAffine(0, translate=(f, f)) fills with 0; here the nearest edge comes in",
        "keras": 'RandomTranslation(f, f, fill_mode="nearest"): its default "reflect" mirrors '
        "the image instead; here whole pixels",
    },
    check=check_shift,
)
def shift(*, fraction: Share = 0.1) -> Any:
    """Moves every image by its own whole number of pixels, right or left and up or down.

    fraction: the farthest move as a share of the width and of the height, in (0, 1), rounded down to pixels;
    all whole offsets up to it are equally likely. What comes into view repeats the nearest edge pixel, so
    that no value appears that the image does not have. Beside rotate and zoom in the list it is part of one
    resampling. Shapes: (n, channels, height, width) to the same, images only. Raises `ConfigError` when the
    images are so small that nothing could move.
    """
    from ...data.augment.geometry import Shift

    return Shift(fraction)
