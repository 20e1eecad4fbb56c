"""Random rotations."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Gt, Le

from ...registry import part

UPSIDE_DOWN = 90  # degrees from which on a 6 may become a 9
Angle = Annotated[float, Gt(0), Le(180)]


@part(
    "augment",
    source="Simard, Steinkraus & Platt 2003, Best practices for convolutional neural networks, section 2",
    aliases=("rotation",),
    example={"degrees": 30},
    hints={
        "angle": "data: {augment: [{rotate: {value}}]}",
        "factor": "data: {augment: [{rotate: 10}]}: degrees, not a share of a turn",
    },
    conversions={
        "torch": "torchvision RandomRotation(degrees, BILINEAR) fills with 0; here the nearest edge comes in",
        "keras": 'RandomRotation(factor, fill_mode="nearest"): factor is '
        "a share of a whole turn, degrees / 360",
    },
    may_change_label=lambda degrees: degrees >= UPSIDE_DOWN,
)
def rotate(*, degrees: Angle = 10.0) -> Any:
    """Turns every image about its centre by its own angle.

    degrees: the largest angle, in (0, 180]; all angles from -degrees to degrees are equally likely. Bilinear;
    what comes into view repeats the nearest edge pixel. Neighbours in the list among shift, rotate and zoom
    are one resampling, in the list's order. Shapes: (n, channels, height, width) to the same, images only.
    """
    from ...data.augment.geometry import Rotate

    return Rotate(degrees)
