"""Points in the plane that are made, not measured.

The draws are those of scikit-learn's generators, to the last bit. No torch here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..prepare.memory_limits import check_room
from ..raw import Array, RawDataset


def moons_raw(samples: int, noise: float, seed: int) -> RawDataset:
    """Two half circles: (cos a, sin a) and (1 - cos a, 1/2 - sin a), a evenly spaced from 0 to pi."""
    _check_room(samples, 2)
    upper, lower = np.linspace(0, np.pi, samples // 2), np.linspace(0, np.pi, samples - samples // 2)
    # Written as scikit-learn writes it: 1 - s - 0.5 and 0.5 - s differ in the last bit.
    arms = [(np.cos(upper), np.sin(upper)), (1 - np.cos(lower), 1 - np.sin(lower) - 0.5)]
    return _scattered(arms, noise, seed, ("upper", "lower"))


def circles_raw(samples: int, noise: float, factor: float, seed: int) -> RawDataset:
    """Two circles round the origin, of radius 1 and `factor`, points evenly spaced."""
    _check_room(samples, 2)
    outer = np.linspace(0, 2 * np.pi, samples // 2, endpoint=False)
    inner = np.linspace(0, 2 * np.pi, samples - samples // 2, endpoint=False)
    arms = [(np.cos(outer), np.sin(outer)), (np.cos(inner) * factor, np.sin(inner) * factor)]
    return _scattered(arms, noise, seed, ("outer", "inner"))


def spirals_raw(samples: int, noise: float, arms: int, turns: float, seed: int) -> RawDataset:
    """Arm k of m: (t cos a, t sin a), a = 2 pi (turns t + k / m), t = 1/n, 2/n, ..., 1 for its n points."""
    _check_room(samples, 2)
    lines = []
    for arm, count in enumerate(_shares(samples, arms)):
        t = np.arange(1, count + 1) / count
        angle = 2 * np.pi * (turns * t + arm / arms)
        lines.append((t * np.cos(angle), t * np.sin(angle)))
    return _scattered(lines, noise, seed, tuple(f"arm{i}" for i in range(arms)))


def blobs_raw(samples: int, noise: float, centers: int, features: int, seed: int) -> RawDataset:
    """Normal clouds of deviation `noise` round centers drawn evenly from [-10, 10]^features."""
    _check_room(samples, features)
    generator = np.random.RandomState(seed)
    middles = generator.uniform(-10, 10, size=(centers, features))
    shares = _shares(samples, centers)
    points = np.concatenate(
        [generator.normal(m, noise, (n, features)) for m, n in zip(middles, shares, strict=True)]
    )
    order = _order(samples, generator)
    names = ("x", "y") if features == 2 else tuple(f"x{i + 1}" for i in range(features))
    targets = np.repeat(np.arange(centers), shares)[order]
    return RawDataset(
        (points[order], targets), class_names=tuple(f"blob{i}" for i in range(centers)), feature_names=names
    )


def _check_room(samples: int, features: int) -> None:
    """Refuse points that cannot fit: four copies of them and their order, in float64, stand side by side."""
    fix = "write fewer samples"
    check_room(8 * samples * (4 * features + 2), f"{samples:,} points", "samples", fix)


def _scattered(
    lines: Sequence[tuple[Array, Array]], noise: float, seed: int, names: tuple[str, ...]
) -> RawDataset:
    """One class a line: its points shuffled among the others', then moved by normal noise."""
    generator = np.random.RandomState(seed)
    points = np.concatenate([np.stack(line) for line in lines], axis=1).T
    targets = np.repeat(np.arange(len(lines)), [len(x) for x, _ in lines])
    order = _order(len(points), generator)
    points, targets = points[order], targets[order]
    if noise:
        points = points + generator.normal(scale=noise, size=points.shape)
    return RawDataset((points, targets), class_names=names, feature_names=("x", "y"))


def _order(count: int, generator: np.random.RandomState) -> Array:
    order = np.arange(count)
    generator.shuffle(order)
    return order


def _shares(samples: int, classes: int) -> list[int]:
    """Points of each class: even, the first ones with one more where they cannot be."""
    return [samples // classes + (i < samples % classes) for i in range(classes)]
