"""Convert arrays to small images inside a page (`data:` addresses)."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

Array = np.ndarray
LARGEST = 128  # pixels of a side; larger images are made smaller
_NEGATIVE, _MIDDLE, _POSITIVE = np.array([33, 102, 172]), np.array([247, 247, 245]), np.array([178, 64, 24])


def image_uri(pixels: Array) -> str:
    """A PNG of an array, (height, width) or (height, width, 3), in 0..1.

    Values outside are clipped, NaN is black.
    """
    from PIL import Image

    shown = (np.nan_to_num(np.clip(pixels, 0.0, 1.0)) * 255).round().astype(np.uint8)
    image = Image.fromarray(shown)
    if max(image.size) > LARGEST:
        image.thumbnail((LARGEST, LARGEST), Image.Resampling.BOX)
    return png_uri(image)


def png_uri(image: Image.Image) -> str:
    """A PIL image as an address."""
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def weight_pixels(weight: Array) -> Array:
    """The weights of one unit as (height, width, 3) in 0..1, scaled to its own largest size.

    (1, height, width): blue below zero, near white at zero, red above; (3, height, width): each channel's
    colour around grey.
    """
    weight = np.nan_to_num(np.asarray(weight, float))
    largest = np.abs(weight).max() or 1.0
    scaled = weight / largest
    if len(scaled) == 3:
        return np.asarray((scaled.transpose(1, 2, 0) + 1) / 2)
    size = np.abs(scaled[0])[:, :, None]
    ends = np.where(scaled[0][:, :, None] < 0, _NEGATIVE, _POSITIVE)
    return np.asarray((_MIDDLE * (1 - size) + ends * size) / 255)


def contact_sheet(pictures: Sequence[Array], columns: int) -> Array:
    """One picture of several pictures in rows, with a white line of pixels between them.

    All pictures have one size, (height, width, 3), in 0..1.
    """
    height, width = pictures[0].shape[:2]
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    sheet = np.ones((rows * (height + 1) - 1, columns * (width + 1) - 1, 3))
    for i, picture in enumerate(pictures):
        row, column = divmod(i, columns)
        sheet[row * (height + 1) :, column * (width + 1) :][:height, :width] = picture
    return sheet
