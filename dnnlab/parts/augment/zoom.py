"""Random changes of size."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Gt, Lt

from ...registry import part

Share = Annotated[float, Gt(0), Lt(1)]


@part(
    "augment",
    source="Simard, Steinkraus & Platt 2003, Best practices for convolutional neural networks, section 2",
    example={"fraction": 0.3},
    hints={
        "scale": "data: {augment: [{zoom: 0.1}]}: sizes from 0.9 to 1.1",
        "factor": "data: {augment: [{zoom: {value}}]}",
    },
    conversions={
        "torch": "torchvision RandomAffine(0, scale=(1 - f, 1 + f)) fills with 0; "
        "here the nearest edge comes in",
        "keras": 'RandomZoom((-f, f), fill_mode="nearest"): there height and width become '
        "1 + f of what is seen, so negative is nearer",
    },
)
def zoom(*, fraction: Share = 0.1) -> Any:
    """Makes what is in every image larger or smaller, about the centre; the image keeps its size.

    fraction: things become 1 - fraction to 1 + fraction times as large, in (0, 1); all factors between are
    equally likely, one an image for both directions. Bilinear; what comes into view repeats the nearest edge
    pixel. Neighbours in the list among shift, rotate and zoom are one resampling, in the list's order.
    Shapes: (n, channels, height, width) to the same, images only.
    """
    from ...data.augment.geometry import Zoom

    return Zoom(fraction)
