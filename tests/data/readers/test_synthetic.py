"""Points in the plane: scikit-learn's own to the last bit, spirals by their formula."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets

from dnnlab import registry
from dnnlab.data.raw import RawDataset
from dnnlab.errors import ConfigError


def load(name: str, **keys: object) -> RawDataset:
    return registry.build("data", {"name": name, **keys}, Path())


@pytest.mark.parametrize("noise", [0.0, 0.1, 2.0])
@pytest.mark.parametrize(("samples", "seed"), [(2, 0), (101, 7), (1000, 2**32 - 1)])
def test_they_are_scikit_learns(samples: int, seed: int, noise: float) -> None:
    blobs = {"centers": 2, "n_features": 5, "cluster_std": noise, "random_state": seed}
    oracle = {
        "moons": datasets.make_moons(samples, noise=noise or None, random_state=seed),
        "circles": datasets.make_circles(samples, noise=noise or None, factor=0.25, random_state=seed),
        "blobs": datasets.make_blobs(samples, **blobs),
    }
    own = {"moons": {}, "circles": {"factor": 0.25}, "blobs": {"centers": 2, "features": 5}}
    for name, (points, targets) in oracle.items():
        x, y = load(name, samples=samples, seed=seed, noise=noise, **own[name]).train
        assert np.array_equal(x, points) and x.strides == points.strides and x.dtype == points.dtype, name
        assert np.array_equal(y, targets) and y.dtype == np.int64, name


def test_spirals_lie_on_their_arms_and_noise_moves_them_by_its_deviation() -> None:
    x, y = load("spirals", samples=30, noise=0, arms=3, turns=2).train
    radius, angle = np.hypot(*x.T), np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi)
    for arm in range(3):
        np.testing.assert_allclose(np.sort(radius[y == arm]), np.arange(1, 11) / 10)
    away = (angle - 2 * radius - y / 3 + 0.5) % 1 - 0.5
    np.testing.assert_allclose(away, 0, atol=1e-12)
    still, moved = (load("spirals", samples=10000, noise=noise, seed=3).train[0] for noise in (0, 0.05))
    assert (moved - still).std() == pytest.approx(0.05, rel=0.03) and abs((moved - still).mean()) < 1e-3


@pytest.mark.parametrize(("name", "keys"), [("spirals", {"arms": 4}), ("blobs", {"centers": 4})])
def test_classes_are_even_and_named(name: str, keys: dict) -> None:
    raw = load(name, samples=102, **keys)
    assert np.bincount(raw.train[1]).tolist() == [26, 26, 25, 25] and len(raw.class_names) == 4


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (
            {"name": "blobs", "samples": 2},
            "samples: received 2, and centers is 3; expected a point a class or more; write samples: 300",
        ),
        (
            {"name": "spirals", "samples": 4, "arms": 5},
            "samples: received 4, and arms is 5; expected a point a class or more; write samples: 500",
        ),
        ({"name": "circles", "factor": 1}, "data.factor: received 1; expected a number < 1"),
        ({"name": "spirals", "turns": 0}, "data.turns: received 0; expected a number > 0"),
    ],
)
def test_impossible_keys(keys: dict, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        registry.build("data", keys, Path())
    assert text in str(caught.value)
