"""The key that sets the largest learning rate, and what changes with it: every change can be built."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.copied_parts import copied_parts

from dnnlab.assembly.session import build
from dnnlab.config import load_mapping
from dnnlab.config import peak_rate as config_peak_rate
from dnnlab.config.lint.small_batches import small_batch_rate
from dnnlab.config.peak_rate import changes_of, may_be_written, peak_of, peak_rate, rate_changes, typed
from dnnlab.diagnose import advice
from dnnlab.diagnose.records import Records

TRIANGLE = {"name": "triangular", "max": 0.1, "half_cycle": "1 epochs"}
PIECES = {"name": "piecewise_constant", "boundaries": ["1 epochs"], "values": [0.01, 0.1]}
CASES: list[tuple[Any, Any, float, dict[str, Any]]] = [
    ("adam", "constant", 0.01, {"optimizer.lr": 0.01}),
    ({"name": "sgd", "lr": 0.1}, "one_cycle", 0.01, {"optimizer.lr": 0.01}),
    ("sgd", {"name": "one_cycle", "max_lr": 0.2}, 1e-4, {"schedule.max_lr": 1e-4}),
    ({"name": "sgd", "lr": 0.1}, {"name": "one_cycle", "max_lr": 0.2}, 0.15, {"schedule.max_lr": 0.15}),
    (
        {"name": "sgd", "lr": 0.1},
        {"name": "one_cycle", "max_lr": 0.2},
        0.006,
        {"schedule.max_lr": 0.006, "optimizer.lr": 0.003},
    ),
    (
        {"name": "sgd", "lr": 0.1994},
        {"name": "one_cycle", "max_lr": 0.2},
        0.01,
        {"schedule.max_lr": 0.01, "optimizer.lr": 0.00997},
    ),
    ({"name": "sgd", "lr": 0.05}, TRIANGLE, 0.05, {"schedule.max": 0.05, "optimizer.lr": 0.025}),
    ("sgd", {**TRIANGLE, "base": 0.01}, 0.01, {"schedule.max": 0.01, "schedule.base": 0.001}),
    ("adam", PIECES, 0.02, {"schedule.values": [0.002, 0.02]}),
    ({"name": "adam", "lr": 0.01}, PIECES, 0.05, {"schedule.values": [0.005, 0.05], "optimizer.lr": 0.005}),
    ({"name": "sgd", "lr": 0.1}, {"name": "cosine", "end": 0.02}, 0.05, {"optimizer.lr": 0.05}),
    (
        {"name": "sgd", "lr": 0.1},
        {"name": "cosine", "end": 0.02},
        0.01,
        {"optimizer.lr": 0.01, "schedule.end": 0.002},
    ),
    (
        {"name": "sgd", "lr": 0.1},
        {"name": "performance", "min_lr": 0.01},
        1e-3,
        {"optimizer.lr": 1e-3, "schedule.min_lr": 1e-4},
    ),
    (
        {"name": "rprop", "lr": 0.9, "step_sizes": [0.5, 1]},
        "constant",
        0.05,
        {"optimizer.lr": 0.05, "optimizer.step_sizes": [0.028, 1]},
    ),
    (
        {"name": "rprop", "lr": 0.01, "step_sizes": [0.01, 1]},
        "constant",
        5,
        {"optimizer.lr": 5, "optimizer.step_sizes": [0.01, 500]},
    ),
]


@pytest.mark.parametrize(("optimizer", "schedule", "wanted", "expected"), CASES)
def test_a_lower_peak_takes_the_rate_before_it_along(
    optimizer: Any, schedule: Any, wanted: float, expected: dict[str, Any]
) -> None:
    mapping = {"data": "iris", "optimizer": optimizer, "schedule": schedule, "training": {"epochs": 4}}
    changes = rate_changes(load_mapping(mapping), wanted)
    assert changes == expected
    changed = load_mapping(mapping, changes)
    assert peak_rate(changed) == (next(iter(expected)), wanted)
    build(changed)


def test_an_average_with_a_rate_of_its_own_from_the_start() -> None:
    mapping = {"data": "iris", "optimizer": "sgd", "regularizers": {"swa": {"start": "0 epochs", "lr": 0.5}}}
    config = load_mapping(mapping)
    assert peak_rate(config) == ("regularizers.swa.lr", 0.5)
    assert typed(rate_changes(config, 0.05)) == ["regularizers.swa.lr=0.05"]
    later = load_mapping(mapping, {"regularizers.swa.start": "2 epochs"})
    assert typed(rate_changes(later, 0.05)) == ["optimizer.lr=0.05"]


def test_a_flat_config_may_hold_anything() -> None:
    for values in ([], "none", [None, 1], [True], float("nan"), {"a": 1}):
        assert peak_of({"schedule.values": values, "optimizer.lr": 10**400}) == ("optimizer.lr", None)
        assert changes_of(
            {"schedule.values": values, "optimizer.lr": 1, "schedule.end": values}, 0.1, True
        ) == {"optimizer.lr": 0.1}


COPIED = [
    {"schedule": TRIANGLE, "optimizer": {"name": "sgd", "lr": 0.05}},
    {"schedule": PIECES},
    {"schedule": {"name": "one_cycle", "max_lr": 0.2}},
    {"schedule": {"name": "cosine", "end": 0.02}, "optimizer": {"name": "sgd", "lr": 0.1}},
    {"regularizers": {"swa": {"start": "0 epochs", "lr": 0.5}}},
]


@pytest.mark.parametrize("config", COPIED, ids=str)
def test_a_copy_of_a_part_under_another_name_has_the_same_rates(config: dict[str, Any]) -> None:
    kind = "regularizers" if "regularizers" in config else "schedule"
    name = "swa" if kind == "regularizers" else config["schedule"]["name"]
    with copied_parts(kind, name) as copies:
        copied = (
            {**config, "regularizers": {copies["swa"]: config["regularizers"]["swa"]}}
            if kind == "regularizers"
            else {**config, "schedule": {**config["schedule"], "name": copies[name]}}
        )
        flats = [load_mapping({"data": "iris", **mapping}).flat() for mapping in (config, copied)]
        answers = [(peak_of(flat), changes_of(flat, 0.005, True), may_be_written(flat)) for flat in flats]
    assert str(answers[0]) == str(answers[1]).replace("my_", "")


def test_every_command_asks_the_one_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """With another answer in the place of `peak_of`, every caller's answer changes with it."""
    config = load_mapping({"data": "iris", "optimizer": "sgd", "training": {"batch_size": 4}})
    assert [finding.path for finding in config.findings if finding.code == "small_batch_rate"] == [
        "optimizer.lr"
    ]
    records = Records(config=config.flat())
    assert advice.default_share(records) == 1.0
    for module in (config_peak_rate, advice):
        monkeypatch.setattr(module, "peak_of", lambda flat, parts=None: ("schedule.max_lr", 4.0))
    assert peak_rate(config) == ("schedule.max_lr", 4.0)
    assert rate_changes(config, 2.0) == {"schedule.max_lr": 2.0}
    assert advice.default_share(records) == 0.01 / 4.0
    assert [f.path for f in small_batch_rate(config)] == ["schedule.max_lr"]
