"""Cutout."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from annotated_types import Gt, Le, Lt

from ...data.augment.size_checks import check_cutout
from ...registry import part

Share = Annotated[float, Gt(0), Lt(1)]
Probability = Annotated[float, Gt(0), Le(1)]


@part(
    "augment",
    source="DeVries & Taylor 2017, arXiv:1708.04552",
    example={"fraction": 0.4, "fill": "black", "probability": 0.5},
    hints={
        "p": "data: {augment: [{cutout: {probability: {value}}}]}",
        "length": "data: {augment: [{cutout: 0.5}]}: a share of the side",
    },
    conversions={
        "torch": "torchvision RandomErasing(p, scale=(f * f, f * f), ratio=(1, 1), value=mean): "
        "its rectangle always lies inside",
        "keras": "RandomErasing(factor=p, scale=(f * f, f * f), fill_value=mean): its shape is drawn too",
    },
    fits=True,
    disturbs=True,
    check=check_cutout,
)
def cutout(
    colors: Any,
    *,
    fraction: Share = 0.25,
    fill: Literal["mean", "black"] = "mean",
    probability: Probability = 1.0,
) -> Any:
    """Covers one rectangle of an image, so that the net cannot lean on any one place.

    fraction: its height and width as shares of the image's, in (0, 1), rounded down to pixels. Its centre is
    any pixel of the image, all equally likely, so it may stick out. fill: what it shows: the training part's
    mean (of each channel), or black. probability: of covering an image at all, in (0, 1]. Shapes: (n,
    channels, height, width) to the same, images only. Raises `ConfigError` when the images are so small that
    nothing would be covered.
    """
    from ...data.augment.cutout_noise import Cutout

    return Cutout(fraction, fill, probability, colors)
