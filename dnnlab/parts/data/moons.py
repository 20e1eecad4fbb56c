"""Two half circles that no straight line can part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le

from ...registry import NonNegative, part

if TYPE_CHECKING:
    from ...nn.raw import Raw

Samples = Annotated[int, Ge(2)]
Seed = Annotated[int, Ge(0), Le(2**32 - 1)]


@part("data", source="scikit-learn make_moons", example={"samples": 60, "noise": 0.2, "seed": 7})
def moons(folder: Path, *, samples: Samples = 1000, noise: NonNegative = 0.1, seed: Seed = 0) -> Raw:
    """Two interleaving half circles of radius 1 in the plane: 2 features (x, y), 2 even classes.

    samples: points in both together, >= 2. noise: standard deviation of the normal noise on both features, >= 0.
    seed: of the points (not of the split, not of training), from 0 to 2^32 - 1.
    """
    import numpy as np
    from sklearn.datasets import make_moons

    from ...nn.raw import Raw

    points, targets = make_moons(samples, noise=noise or None, random_state=seed)
    return Raw((points, targets.astype(np.int64)), class_names=("upper", "lower"), feature_names=("x", "y"))
