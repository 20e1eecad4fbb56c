"""A data set of your own.

In a config beside this file:

plugins: [my_data.py]
data: {name: my_data, rows: 500, validation: 0.2}
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dnnlab.registry import NonNegative, PositiveInt, part


@part("data", source="where the data come from", example={"rows": 200, "noise": 0.2})
def my_data(folder: Path, *, rows: PositiveInt = 1000, noise: NonNegative = 0.1) -> Any:
    """Two rings around each other in the plane: 2 features (x, y), 2 even classes.

    rows: of both rings together, >= 1. noise: standard deviation of the noise on both features, >= 0.
    `folder` is where relative paths belong: the folder of the file that names the data. Neither split nor
    scaled here; `validation`, `test`, `scale` see to that.
    """
    import numpy as np

    from dnnlab.data.raw import RawDataset

    generator = np.random.default_rng(0)
    ring = np.arange(rows, dtype=np.int64) % 2
    angle = generator.uniform(0, 2 * np.pi, rows)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (1 + ring[:, None])
    inputs = points + generator.normal(0, noise, points.shape)
    return RawDataset(
        (inputs, ring), target="index", class_names=("inner", "outer"), feature_names=("x", "y")
    )
