"""Which sizes of targets are far from what a net starts with."""

from __future__ import annotations

from typing import Any

import pytest

from dnnlab.config.target_size import TargetSize, target_size

DEFAULT = 160 * 1e-3
"""How far Adam moves a weight in 20 epochs of 8 steps."""


@pytest.mark.parametrize(
    ("mean", "deviation", "way", "far"),
    [
        (0.0, 1.0, DEFAULT, False),
        (2.0, 3.0, DEFAULT, False),
        (152.0, 77.0, DEFAULT, True),
        (152.0, 77.0, 2700 * 0.01, False),  # configs/diabetes.yaml: it trains long enough
        (152.0, 77.0, None, False),
        (2.6e5, 9.5e4, DEFAULT, True),
        (2.6e5, 9.5e4, 1e4, True),
        (-2.6e5, 9.5e4, None, True),
        (2.6e-6, 9.5e-7, 1e4, True),
        (0.0, 0.05, 1e4, True),
        (300.0, 5.0, 1e4, True),  # kelvin
        (0.5, 0.29, DEFAULT, False),
        (7.0, 0.0, DEFAULT, False),  # a constant target has a note of its own
    ],
)
def test_what_is_far(mean: float, deviation: float, way: float | None, far: bool) -> None:
    assert bool(TargetSize(("y",), (mean,), (deviation,)).misfit(way)) == far


def test_the_first_far_target_is_named() -> None:
    size = TargetSize(("near", "far", "farther"), (0.0, 5e4, 5e6), (1.0, 1e3, 1e3))
    assert size.misfit(1.0) == 'the target "far" has mean 50,000 and deviation 1,000'


@pytest.mark.parametrize(
    "described",
    [
        None,
        {},
        {"mean": [1.0]},
        {"mean": [1.0], "deviation": [1.0, 2.0]},
        {"mean": ["1"], "deviation": [1.0]},
        {"mean": [True], "deviation": [1.0]},
        {"mean": 1.0, "deviation": 1.0},
    ],
)
def test_damaged_or_older_data_say_nothing(described: Any) -> None:
    assert target_size(["y"], described) is None


def test_what_data_json_says() -> None:
    assert target_size(["y"], {"mean": [2], "deviation": [0.5]}) == TargetSize(("y",), (2.0,), (0.5,))
    assert target_size([], {"mean": [], "deviation": []}) is None
