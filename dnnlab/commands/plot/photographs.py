"""Pieces of two photographs of scikit-learn, on which an augmentation without a config is drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...data.prepare.pipeline import prepare
from ...data.prepare.prepared_data import Prepared
from ...data.raw import RawDataset
from ...registry import Bound, bind

if TYPE_CHECKING:
    from numpy import ndarray

PIECE, SIZE = 212, 64
"""Sides in pixels of a square of the photograph and of the image that it becomes."""
NAMES = ("china", "flower")
_CORNERS = [(0, 150), (110, 370), (200, 110), (200, 260)]


def photographs(augment: Bound) -> Prepared:
    """Eight images of 3x64x64 bytes for this augmentation, four of each photograph.

    Raises `ConfigError` if it cannot act on them.
    """
    import numpy as np

    images = np.stack([piece for pair in zip(*map(_pieces, NAMES), strict=True) for piece in pair])
    raw = RawDataset((images, np.arange(len(images)) % 2), class_names=NAMES)
    keys = {"validation": None, "test": None, "scale": None, "augment": [augment]}
    return replace(prepare(raw, bind("data", {"name": "arrays", **keys})), name="two photographs")


def _pieces(name: str) -> list[ndarray]:
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_sample_image

    photograph = Image.fromarray(load_sample_image(f"{name}.jpg"))
    boxes = [(left, top, left + PIECE, top + PIECE) for top, left in _CORNERS]
    squares = [photograph.resize((SIZE, SIZE), Image.Resampling.BOX, box=box) for box in boxes]
    return [np.asarray(square).transpose(2, 0, 1) for square in squares]
