"""Points in the plane, made on the spot: what a small net can and cannot part is seen at a glance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le

from ...errors import ConfigError, Problem
from ...registry import Fraction, NonNegative, Positive, PositiveInt, part

if TYPE_CHECKING:
    from ...data.raw import RawDataset

Samples = Annotated[int, Ge(2)]
Several = Annotated[int, Ge(2)]
Seed = Annotated[int, Ge(0), Le(2**32 - 1)]
_HINTS = {
    "n": "samples: {value}",
    "n_samples": "samples: {value}",
    "std": "noise: {value}",
    "random_state": "seed: {value}",
}


@part(
    "data", source="scikit-learn make_moons", example={"samples": 60, "noise": 0.2, "seed": 7}, hints=_HINTS
)
def moons(folder: Path, *, samples: Samples = 1000, noise: NonNegative = 0.1, seed: Seed = 0) -> RawDataset:
    """Two interleaving half circles of radius 1 in the plane: 2 features (x, y), 2 even classes.

    The points are (cos a, sin a) and (1 - cos a, 1/2 - sin a), a evenly spaced from 0 to pi, then moved by
    the noise. samples: points in both together, >= 2. noise: standard deviation of the normal noise on both
    features, >= 0. seed: of the points (not of the split, not of training), from 0 to 2^32 - 1.
    """
    from ...data.readers.synthetic import moons_raw

    return moons_raw(samples, noise, seed)


@part(
    "data",
    source="scikit-learn make_circles",
    example={"samples": 60, "noise": 0.05, "factor": 0.3, "seed": 7},
    hints=_HINTS,
)
def circles(
    folder: Path, *, samples: Samples = 1000, noise: NonNegative = 0.1, factor: Fraction = 0.5, seed: Seed = 0
) -> RawDataset:
    """A circle inside a circle of radius 1, both round the origin: 2 features (x, y), 2 even classes.

    The points are (cos a, sin a) and factor (cos a, sin a), a evenly spaced over the circle, then moved by
    the noise. samples: points in both together, >= 2. noise: standard deviation of the normal noise on both
    features, >= 0. factor: radius of the inner circle, from 0 to 1 (excluded). seed: of the points (not of
    the split, not of training), from 0 to 2^32 - 1.
    """
    from ...data.readers.synthetic import circles_raw

    return circles_raw(samples, noise, factor, seed)


@part(
    "data",
    source="scikit-learn make_blobs",
    example={"samples": 90, "noise": 2.0, "centers": 4, "features": 3, "seed": 7},
    hints={**_HINTS, "cluster_std": "noise: {value}", "n_features": "features: {value}"},
)
def blobs(
    folder: Path,
    *,
    samples: Samples = 1000,
    noise: NonNegative = 1.0,
    centers: Several = 3,
    features: PositiveInt = 2,
    seed: Seed = 0,
) -> RawDataset:
    """Round clouds of points, one a class; 2 features (x, y) and 3 even classes by default.

    The points are center + noise z, z normal; each center is drawn evenly from [-10, 10] along every feature.
    samples: points in all together, >= centers. noise: standard deviation of each cloud, >= 0. centers:
    number of clouds, >= 2. features: dimensions, >= 1. seed: of centers and points (not of the split, not of
    training), from 0 to 2^32 - 1. Raises `ConfigError` for fewer points than centers.
    """
    from ...data.readers.synthetic import blobs_raw

    _enough(samples, centers, "centers")
    return blobs_raw(samples, noise, centers, features, seed)


@part(
    "data",
    source="Lang & Witbrock 1988, Learning to tell two spirals apart; the formula is dnnlab's own",
    example={"samples": 90, "noise": 0.02, "arms": 3, "turns": 1.0, "seed": 7},
    hints=_HINTS,
)
def spirals(
    folder: Path,
    *,
    samples: Samples = 1000,
    noise: NonNegative = 0.02,
    arms: Several = 2,
    turns: Positive = 1.5,
    seed: Seed = 0,
) -> RawDataset:
    """Spiral arms that wind round each other, from the origin to radius 1: 2 features (x, y), a class an arm.

    The points of arm k of m are (t cos a, t sin a), a = 2 pi (turns t + k / m), t = 1/n, 2/n, ..., 1, then
    moved by the noise. samples: points in all together, >= arms. noise: standard deviation of the normal
    noise on both features, >= 0. arms: >= 2. turns: how often an arm winds round the origin, > 0. seed: of
    the points (not of the split, not of training), from 0 to 2^32 - 1. Raises `ConfigError` for fewer points
    than arms.
    """
    from ...data.readers.synthetic import spirals_raw

    _enough(samples, arms, "arms")
    return spirals_raw(samples, noise, arms, turns, seed)


def _enough(samples: int, classes: int, key: str) -> None:
    if samples < classes:
        text = f"received {samples}, and {key} is {classes}"
        fix = f"write samples: {100 * classes}"
        raise ConfigError(
            Problem(text, "expected a point a class or more", fix, path="samples", code="too_few_rows")
        )
