"""Times that training ends before: found in every unit, and the proposed line leaves nothing to say."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from dnnlab import config

STEPS = 30  # an epoch; trainings of 5 epochs, 150 steps
PIECES = {"name": "piecewise_constant", "values": [0.1, 0.01, 0.001]}
RAMP = {"from": 0.5, "to": 0.9}


def findings(mapping: dict[str, Any], changes: dict[str, Any] | None = None) -> tuple[config.Finding, ...]:
    return config.counted(
        config.load_mapping({"data": "digits", "training": {"epochs": 5}, **mapping}, changes), STEPS
    ).findings


def proposed(fix: str) -> dict[str, Any]:
    """The changes that a fix names, as `key: value` in backquotes."""
    return {
        line.partition(": ")[0]: yaml.safe_load(line.partition(": ")[2])
        for line in re.findall(r"`([^`]+)`", fix)
    }


@pytest.mark.parametrize(
    ("mapping", "paths"),
    [
        ({"schedule": {"name": "step", "every": "100000 steps"}}, ["schedule.every"]),
        ({"schedule": {"name": "step", "every": "150 steps"}}, ["schedule.every"]),
        ({"schedule": {"name": "step", "every": "5 epochs"}}, ["schedule.every"]),
        ({"schedule": {"name": "step", "every": "5 epochs"}, "training": {"epochs": 1}}, ["schedule.every"]),
        ({"schedule": {"name": "exponential", "over": "100 %", "staircase": True}}, ["schedule.over"]),
        ({"schedule": {"name": "exponential", "over": "151 steps"}}, ["schedule.over"]),
        ({"schedule": {**PIECES, "boundaries": ["2 epochs", "5 epochs"]}}, ["schedule.boundaries.1"]),
        (
            {"schedule": {**PIECES, "boundaries": ["5 epochs", "5000 steps"]}},
            ["schedule.boundaries.0", "schedule.boundaries.1"],
        ),
        (
            {"optimizer": {"name": "sgd", "momentum": {**RAMP, "over": "151 steps"}}},
            ["optimizer.momentum.over"],
        ),
    ],
)
def test_a_time_beyond_the_end(mapping: dict[str, Any], paths: list[str]) -> None:
    found = findings(mapping)
    assert [(f.code, f.path) for f in found] == [("schedule_too_long", path) for path in paths]
    assert findings(mapping, proposed(found[0].fix)) == ()


@pytest.mark.parametrize(
    "mapping",
    [
        {"schedule": {"name": "step", "every": "149 steps"}},
        {"schedule": {"name": "exponential", "over": "5 epochs"}},
        {"schedule": {"name": "exponential", "over": "150 steps"}},
        {"schedule": {"name": "natural_exponential", "k": 0.1, "per": "1000 steps"}},
        {"schedule": {**PIECES, "boundaries": ["2 epochs", "149 steps"]}},
        {"optimizer": {"name": "sgd", "momentum": {**RAMP, "over": "150 steps"}}},
    ],
)
def test_a_time_within_the_training(mapping: dict[str, Any]) -> None:
    assert findings(mapping) == ()


def test_steps_that_nobody_counted_are_left_alone() -> None:
    assert (
        config.load_mapping(
            {"data": "digits", "schedule": {"name": "step", "every": "100000 steps"}}
        ).findings
        == ()
    )


@pytest.mark.parametrize("stops", [True, False])
@pytest.mark.parametrize("patience", [1, 3, 10])
@pytest.mark.parametrize("every", [1, 3, 10])
@pytest.mark.parametrize("epochs", [1, 2, 3, 5, 10, 12, 21])
def test_patience_against_what_really_happens(stops: bool, patience: int, every: int, epochs: int) -> None:
    """The counter itself says whether it could ever run out before the last epoch; and so does it after the
    proposed change.
    """
    from dnnlab.nn.regularizers.early_stopping import Patience

    part = (
        {"regularizers": {"early_stopping": patience}}
        if stops
        else {"schedule": {"name": "performance", "patience": patience}}
    )
    mapping = {**part, "training": {"epochs": epochs, "eval_every": every}}
    waiting = Patience(0.0)
    measured = [epoch for epoch in range(1, epochs + 1) if epoch % every == 0 or epoch == epochs]
    acts = any(epoch < epochs and (waiting.epochs(0.0, epoch) or 0) >= patience for epoch in measured)
    found = findings(mapping)
    assert bool(found) is not acts
    assert not found or findings(mapping, proposed(found[0].fix)) == ()
    assert not found or ("that measures every" in found[0].text) == (every > 1)


def test_measures_of_the_training_part_come_every_epoch() -> None:
    mapping = {
        "regularizers": {"early_stopping": 3},
        "training": {"epochs": 10, "eval_every": 10, "monitor": "train_loss"},
    }
    assert findings(mapping) == ()


def test_a_cooldown_that_outlasts_the_training() -> None:
    (found,) = findings({"schedule": {"name": "performance", "patience": 1, "cooldown": 100}})
    assert (found.code, found.path) == ("patience_too_long", "schedule.cooldown")
    assert findings({"schedule": {"name": "performance", "patience": 1}}, proposed(found.fix)) == ()


def test_the_cycle_s_own_ends_decide_about_the_momentum() -> None:
    adam = {"optimizer": {"name": "adam", "betas": [0.5, 0.99]}, "schedule": "one_cycle"}
    (found,) = findings(adam)
    assert (found.code, found.path) == ("momentum_in_cycle", "optimizer.betas")
    assert "`schedule: {min_momentum: 0.5, max_momentum: 0.95}`" in found.fix
    assert findings(adam, {"schedule.min_momentum": 0.5}) == ()
    assert findings({"schedule": "one_cycle"}) == ()
