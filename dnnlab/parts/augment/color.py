"""Changes of the colour."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Gt, Le

from ...registry import Positive, part

Share = Annotated[float, Gt(0), Le(1)]
Angle = Annotated[float, Gt(0), Le(180)]
_SOURCE = (
    "Howard 2013, Some improvements on deep convolutional neural network based image classification, "
    "arXiv:1312.5402"
)


@part(
    "augment",
    source=_SOURCE,
    example={"fraction": 0.5},
    hints={"factor": "data: {augment: [{brightness: {value}}]}"},
    conversions={
        "torch": "torchvision ColorJitter(brightness=f): the same",
        "keras": "RandomBrightness(f) adds a number instead of multiplying",
    },
)
def brightness(*, fraction: Share = 0.2) -> Any:
    """Multiplies all pixels of an image by its own factor.

    fraction: factors from 1 - fraction to 1 + fraction, in (0, 1], all equally likely. The result is cut off
    at black and white, which are 0 and 255 for images of bytes, else the smallest and largest number of the
    training part. Shapes: (n, channels, height, width) to the same, images only.
    """
    from ...data.augment.color_ops import brightened, by_factor

    return by_factor(brightened, fraction)


@part(
    "augment",
    source=_SOURCE,
    example={"fraction": 0.5},
    hints={"factor": "data: {augment: [{contrast: {value}}]}"},
    conversions={
        "torch": "torchvision ColorJitter(contrast=f): the same, but for rounding the mean",
        "keras": "RandomContrast(f): about the mean of each channel by itself",
    },
)
def contrast(*, fraction: Share = 0.2) -> Any:
    """Multiplies the distance of all pixels from their mean grey, by the image's own factor.

    fraction: factors from 1 - fraction to 1 + fraction, in (0, 1], all equally likely. The mean is that of
    0.299 red + 0.587 green + 0.114 blue, or of all channels where they are not three. The result is cut off
    at black and white. Shapes: (n, channels, height, width) to the same, images only.
    """
    from ...data.augment.color_ops import by_factor, contrasted

    return by_factor(contrasted, fraction)


@part(
    "augment",
    source=_SOURCE,
    example={"fraction": 0.5},
    hints={"factor": "data: {augment: [{saturation: {value}}]}"},
    conversions={
        "torch": "torchvision ColorJitter(saturation=f): the same",
        "keras": "RandomSaturation changes the saturation of HSV instead of mixing with the grey",
    },
    rgb=True,
)
def saturation(*, fraction: Share = 0.2) -> Any:
    """Multiplies the distance of every pixel from its grey, by the image's own factor: 0 is grey, 1 itself.

    fraction: factors from 1 - fraction to 1 + fraction, in (0, 1], all equally likely. Grey is 0.299 red +
    0.587 green + 0.114 blue. The result is cut off at black and white. Shapes: (n, 3, height, width) to the
    same, images of red, green and blue only.
    """
    from ...data.augment.color_ops import by_factor, saturated

    return by_factor(saturated, fraction)


@part(
    "augment",
    source=_SOURCE,
    example={"degrees": 60},
    hints={"factor": "data: {augment: [{hue: 20}]}: degrees on the colour wheel of 360"},
    conversions={
        "torch": "torchvision ColorJitter(hue=h): h is a share of the whole wheel, degrees / 360",
        "keras": "RandomHue(f): degrees = 180 f",
    },
    rgb=True,
)
def hue(*, degrees: Angle = 20.0) -> Any:
    """Turns all colours of an image on the colour wheel, by its own angle; saturation and value (HSV) stay.

    degrees: the largest angle, in (0, 180]; all angles from -degrees to degrees are equally likely. 120 makes
    red green. Grey pixels stay as they are. Shapes: (n, 3, height, width) to the same, images of red, green
    and blue only.
    """
    from ...data.augment.color_ops import by_angle

    return by_angle(degrees)


@part(
    "augment",
    source="Krizhevsky, Sutskever & Hinton 2012, ImageNet classification with deep convolutional neural "
    "networks, section 4.1",
    aliases=("pca_colour", "fancy_pca"),
    example={"std": 0.5},
    hints={"alphastd": "data: {augment: [{pca_color: {value}}]}"},
    conversions={
        "torch": "no such module; "
        "the often copied Lighting(0.1, eigval, eigvec) takes "
        "ImageNet's numbers, here the training part's",
        "keras": "no such layer",
    },
    rgb=True,
    fits=True,
)
def pca_color(colors: Any, *, std: Positive = 0.1) -> Any:
    """Adds one colour to all pixels of an image, along the principal axes of the training part's colours.

    std: the colour is sum_i a_i l_i v_i, with eigenvalues l_i and eigenvectors v_i of the covariance of red,
    green and blue (in [0, 1]) over all pixels of the training part, and a_i drawn from a normal distribution
    of this standard deviation, > 0, anew for every image. The result is not cut off. Shapes: (n, 3, height,
    width) to the same, images of red, green and blue only.
    """
    from ...data.augment.color_ops import PcaColor

    return PcaColor(std, colors)
