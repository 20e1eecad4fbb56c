"""Random crops."""

from __future__ import annotations

from typing import Any, Literal

from ...data.augment.size_checks import check_crop
from ...registry import PositiveInt, part


@part(
    "augment",
    source="Krizhevsky, Sutskever & Hinton 2012, section 4.1; with padding: He, Zhang, Ren & Sun 2016, "
    "arXiv:1512.03385, section 4.2",
    aliases=("random_crop",),
    example={"padding": 2, "fill": "mirror"},
    hints={"size": "data: {augment: [{crop: 4}]}: the images keep their size; 4 is the padding"},
    conversions={
        "torch": "torchvision RandomCrop(size, padding): fill black is its default, "
        'mirror its padding_mode="reflect"',
        "keras": "ZeroPadding2D(padding), then RandomCrop(height, width) with the image's own size",
    },
    check=check_crop,
)
def crop(*, padding: PositiveInt = 4, fill: Literal["black", "edge", "mirror"] = "black") -> Any:
    """Pads every side of an image and cuts the old size out, at a place of its own.

    padding: pixels on each side, >= 1 and less than height and width; all (2 padding + 1)^2 places are
    equally likely. fill: what the padding shows: black, the nearest edge pixel, or the image mirrored at its
    edge. 4 suits images of 32x32. Shapes: (n, channels, height, width) to the same, images only. Raises
    `ConfigError` for a padding as large as the image.
    """
    from ...data.augment.flip_crop import Crop

    return Crop(padding, fill)
