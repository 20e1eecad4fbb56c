"""Small images for the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dnnlab import registry
from dnnlab.data.raw import RawDataset


def pixels(height: int = 6, width: int = 8, channels: int = 3, seed: int = 0) -> np.ndarray:
    """Random bytes (height, width) or (height, width, 3)."""
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def save(path: Path, array: np.ndarray | Image.Image, **options: Any) -> Path:
    """An array or an image as a file; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    image.save(path, **options)
    return path


def class_folders(
    root: Path, classes: tuple[str, ...] = ("cat", "dog"), count: int = 4, **shape: int
) -> Path:
    """A folder for each class with `count` PNG images."""
    for c, name in enumerate(classes):
        for i in range(count):
            save(root / name / f"{i}.png", pixels(**{**shape, "seed": 100 * c + i}))
    return root


def read_folder(root: Path, **keys: Any) -> RawDataset:
    """The data set of a folder of images."""
    return registry.build("data", {"name": "image_folder", "path": root.name, **keys}, root.parent)
