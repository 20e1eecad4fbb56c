"""Images and parameters that the golden numbers of the augmentations are made of; numpy alone, since two
programs read it.
"""

from __future__ import annotations

import numpy as np

SHAPES = {"1x28x28": (1, 28, 28), "3x32x32": (3, 32, 32), "3x12x20": (3, 12, 20)}
EVERY = 37
"""Of the flattened results every 37th number is kept."""
DEGREES = [-35.0, 12.5, 90.0, 170.0]
FACTORS = [0.6, 0.95, 1.3, 2.0]
RIGHT, DOWN = [3.0, -2.0, 0.0, 4.0], [-1.0, 0.0, 2.0, 3.0]
COLOR_FACTORS = [0.0, 0.55, 1.2, 1.9]
TURNS = [-150.0, -20.0, 45.0, 180.0]


def waves(channels: int, height: int, width: int) -> np.ndarray:
    """Four smooth images with pixels in [0, 1], (4, channels, height, width) float32; black and white parts,
    no two channels alike.
    """
    n, c, y, x = np.meshgrid(
        np.arange(4), np.arange(channels), np.arange(height), np.arange(width), indexing="ij"
    )
    heights = 0.5 + 0.65 * np.sin(0.21 * (n + 1) * x + 0.17 * y * (c + 1) + 1.3 * n + 2.1 * c)
    return np.asarray(heights.clip(0, 1), dtype=np.float32)


def kept(result: np.ndarray) -> np.ndarray:
    """The numbers of a result that are written down."""
    return np.asarray(result, dtype=np.float64).ravel()[::EVERY]
