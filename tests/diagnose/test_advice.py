"""Proposed commands can be run: rates that a schedule accepts, cures that do not diverge, short numbers."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from helpers.fake_records import FALLING, records, values

from dnnlab.config import load_mapping
from dnnlab.diagnose import Records, judge
from dnnlab.diagnose.advice import rate, short

TRIANGLE = {"name": "triangular", "max": 0.1, "half_cycle": "1 epochs"}
PIECES = {"name": "piecewise_constant", "boundaries": ["1 epochs"], "values": [0.1, 0.01]}
RATES: list[tuple[Any, Any, float, tuple[str, ...]]] = [
    ("adam", "constant", 0.1, ("optimizer.lr=0.0001",)),
    (
        {"name": "sgd", "lr": 0.1},
        {"name": "one_cycle", "max_lr": 0.2},
        0.1,
        ("schedule.max_lr=0.02", "optimizer.lr=0.01"),
    ),
    ({"name": "sgd", "lr": 0.01}, {"name": "one_cycle", "max_lr": 0.2}, 0.1, ("schedule.max_lr=0.02",)),
    ({"name": "sgd", "lr": 0.01}, {"name": "one_cycle", "max_lr": 0.2}, 10, ("schedule.max_lr=2",)),
    (
        {"name": "sgd", "lr": 0.199},
        {"name": "one_cycle", "max_lr": 0.2},
        0.1,
        ("schedule.max_lr=0.02", "optimizer.lr=0.0199"),
    ),
    ({"name": "adadelta"}, {"name": "one_cycle", "max_lr": 0.2}, 0.1, ("schedule.max_lr=0.02",)),
    ("adam", {"name": "one_cycle", "max_lr": 0.002, "div_factor": 10}, 0.1, ("schedule.max_lr=0.0002",)),
    ({"name": "sgd", "lr": 0.05}, TRIANGLE, 0.1, ("schedule.max=0.01", "optimizer.lr=0.005")),
    ("sgd", {**TRIANGLE, "base": 0.02}, 0.1, ("schedule.max=0.01", "schedule.base=0.002")),
    ("adam", PIECES, 0.1, ("schedule.values=[0.01, 0.001]",)),
    ({"name": "adam", "lr": 0.1}, PIECES, 0.1, ("schedule.values=[0.01, 0.001]", "optimizer.lr=0.01")),
    (
        {"name": "sgd", "lr": 0.1},
        {"name": "polynomial", "end": 0.05},
        0.1,
        ("optimizer.lr=0.01", "schedule.end=0.005"),
    ),
    (
        {"name": "sgd", "lr": 0.1},
        {"name": "performance", "min_lr": 0.05},
        0.1,
        ("optimizer.lr=0.01", "schedule.min_lr=0.005"),
    ),
    (
        {"name": "rprop", "step_sizes": [1e-3, 1]},
        "constant",
        0.01,
        ("optimizer.lr=0.0001", "optimizer.step_sizes=[1e-05, 1]"),
    ),
    (
        {"name": "sgd", "lr": 0.02},
        {**TRIANGLE, "base": 0.02},
        0.1,
        ("schedule.max=0.01", "schedule.base=0.002", "optimizer.lr=0.002"),
    ),
]


@pytest.mark.parametrize(("optimizer", "schedule", "factor", "expected"), RATES)
def test_a_rate_that_is_proposed_can_be_built(
    optimizer: Any, schedule: Any, factor: float, expected: tuple[str, ...]
) -> None:
    from dnnlab.assembly.session import build

    mapping = {"data": "iris", "optimizer": optimizer, "schedule": schedule, "training": {"epochs": 4}}
    (advice,) = rate(Records(config=load_mapping(mapping).flat()), factor)
    assert advice.changes == expected
    build(
        load_mapping(
            mapping, {key: json.loads(value) for key, value in (change.split("=") for change in expected)}
        )
    )


def advised(run: Records, name: str) -> list[tuple[str, ...]]:
    (found,) = [v for v in judge(run).verdicts if v.name == name]
    return [item.changes for item in found.advice]


def large(ratio: float, **more: Any) -> Records:
    return records(
        [9.0, *[1.386] * 9], ratios=values([{"hidden1.weight": ratio, "output.weight": ratio}] * 10), **more
    )


def test_a_warm_up_is_no_cure_for_a_rate_that_is_far_too_high() -> None:
    assert advised(large(0.2), "learning_rate_too_high") == [
        ("optimizer.lr=0.0001",),
        ("schedule.warmup=10 %",),
    ]
    assert advised(large(4000), "learning_rate_too_high") == [("optimizer.lr=1e-09",)]


def test_the_consequence_proposes_the_rate_of_its_cause() -> None:
    assert advised(large(4000, status="diverged"), "diverged")[0] == ("optimizer.lr=1e-09",)


def test_no_clipping_for_an_optimizer_that_would_not_notice() -> None:
    clip = ("gradient_clipping={name: global_norm, threshold: 1.0}",)
    assert clip in advised(large(0.2, status="diverged"), "diverged")
    assert clip not in advised(large(0.2, status="diverged", config={"optimizer": "rprop"}), "diverged")


def test_normalization_comes_before_another_activation() -> None:
    gradients = values([{"hidden1": 1e-9, "hidden2": 1e-5, "output": 0.3}] * 10)
    elu, batch = ("activation=elu", "initializer=he_normal"), ("normalization=batch",)
    sigmoid = {"activation": "sigmoid"}
    assert advised(records([1.386] * 10, config=sigmoid, gradients=gradients), "vanishing_gradients") == [
        batch,
        batch + elu,
    ]
    normalized = {**sigmoid, "normalization": "batch"}
    assert advised(records([1.386] * 10, config=normalized, gradients=gradients), "vanishing_gradients") == [
        elu
    ]


def test_numbers_stand_as_one_types_them() -> None:
    assert [short(v) for v in (12.0, 123.0, 0.0123, 1e-5)] == ["12", "120", "0.012", "1e-05"]
    clipped = {"gradient_clipping": "global_norm", "gradient_clipping.threshold": 0.1}
    run = records(FALLING, config=clipped, steps=values([{"loss": 1.0, "gradient_norm": 2.5}] * 10))
    assert advised(run, "clipping_always_active") == [("gradient_clipping.threshold=10",)]


def test_the_loss_turned_at_its_minimum() -> None:
    """The epochs beside the minimum are bad ones, so that the smoothed curve is lowest elsewhere."""
    val = [1.0, 0.5, 0.15, 0.5, 0.2, 0.2, 0.2, 0.3, 0.5, 0.6, 0.6, 0.6]
    run = records([0.2] * 12, val)
    rows = [{**row.values, "val_accuracy": 0.9, "train_eval_accuracy": 0.92} for row in run.metrics]
    (found,) = [
        v for v in judge(records([0.2] * 12, metrics=values(rows))).verdicts if v.name == "validation_turned"
    ]
    assert found.evidence[0] == "val_loss was 0.15 at epoch 3 and is 0.6"
    assert found.since_epoch == 4


def test_the_error_of_a_diverged_training_leaves_the_factor_to_the_verdict() -> None:
    from dnnlab.engine.nonfinite import diverged

    text = str(diverged(3, "the loss", math.inf, "the weights before it are finite"))
    assert "lower the learning rate (`dnnlab doctor` says how far)" in text
    assert "a tenth" not in text
