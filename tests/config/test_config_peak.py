"""The key that sets the largest learning rate, and what changes with it: every change can be built."""

from __future__ import annotations

from typing import Any

import pytest

from dnnlab.build.session import build
from dnnlab.config import load_mapping
from dnnlab.config.peak import peak_rate, rate_changes

TRIANGLE = {"name": "triangular", "max": 0.1, "half_cycle": "1 epochs"}
CASES: list[tuple[Any, Any, float, dict[str, float]]] = [
    ("adam", "constant", 0.01, {"optimizer.lr": 0.01}),
    ({"name": "sgd", "lr": 0.1}, "one_cycle", 0.01, {"optimizer.lr": 0.01}),
    ("sgd", {"name": "one_cycle", "max_lr": 0.2}, 1e-4, {"schedule.max_lr": 1e-4}),
    ({"name": "sgd", "lr": 0.1}, {"name": "one_cycle", "max_lr": 0.2}, 0.15, {"schedule.max_lr": 0.15}),
    ({"name": "sgd", "lr": 0.1}, {"name": "one_cycle", "max_lr": 0.2}, 0.006, {"schedule.max_lr": 0.006, "optimizer.lr": 0.003}),
    ({"name": "sgd", "lr": 0.1994}, {"name": "one_cycle", "max_lr": 0.2}, 0.01, {"schedule.max_lr": 0.01, "optimizer.lr": 0.00997}),
    ({"name": "sgd", "lr": 0.05}, TRIANGLE, 0.05, {"schedule.max": 0.05, "optimizer.lr": 0.025}),
    ("sgd", {**TRIANGLE, "base": 0.01}, 0.01, {"schedule.max": 0.01, "schedule.base": 0.001}),
]


@pytest.mark.parametrize(("optimizer", "schedule", "wanted", "expected"), CASES)
def test_a_lower_peak_takes_the_rate_before_it_along(optimizer: Any, schedule: Any, wanted: float, expected: dict[str, float]) -> None:
    mapping = {"data": "iris", "optimizer": optimizer, "schedule": schedule, "training": {"epochs": 4}}
    changes = rate_changes(load_mapping(mapping), wanted)
    assert changes == expected
    changed = load_mapping(mapping, changes)
    assert peak_rate(changed) == (next(iter(expected)), wanted)
    build(changed)
