"""Mirroring."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Gt, Le

from ...registry import part

Probability = Annotated[float, Gt(0), Le(1)]
_SOURCE = (
    "Krizhevsky, Sutskever & Hinton 2012, ImageNet classification with deep convolutional neural networks, "
    "section 4.1"
)


@part(
    "augment",
    source=_SOURCE,
    aliases=("horizontal_flip", "mirror"),
    example={"probability": 0.3},
    hints={
        "p": "data: {augment: [{flip: {value}}]}",
        "mode": "data: {augment: [flip]}, [vertical_flip], or both",
    },
    conversions={
        "torch": "torchvision RandomHorizontalFlip(p)",
        "keras": 'RandomFlip("horizontal"): the probability is always 0.5',
    },
    may_change_label=True,
)
def flip(*, probability: Probability = 0.5) -> Any:
    """Mirrors an image left to right, or leaves it as it is.

    probability: of mirroring, in (0, 1], for each image by itself. Not for what a mirror changes: digits,
    letters, "left" and "right". Shapes: (n, channels, height, width) to the same, images only.
    """
    from ...data.augment.flip_crop import Flip

    return Flip(probability)


@part(
    "augment",
    source=_SOURCE,
    example={"probability": 0.3},
    hints={"p": "data: {augment: [{vertical_flip: {value}}]}"},
    conversions={
        "torch": "torchvision RandomVerticalFlip(p)",
        "keras": 'RandomFlip("vertical"): the probability is always 0.5',
    },
    may_change_label=True,
)
def vertical_flip(*, probability: Probability = 0.5) -> Any:
    """Mirrors an image top to bottom, or leaves it as it is.

    probability: of mirroring, in (0, 1], for each image by itself. For images that have no upside, such as
    those of a microscope or a satellite. Shapes: (n, channels, height, width) to the same, images only.
    """
    from ...data.augment.flip_crop import VerticalFlip

    return VerticalFlip(probability)
