"""`resume --epochs N`: a longer run, or a refusal where the run so far would have been another one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.trainings import assert_same, refusal, resumed, rows, trained


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schedule": "one_cycle"}, "the schedule one_cycle is stretched over all epochs"),
        ({"schedule": {"name": "constant", "warmup": "10 %"}}, "schedule.warmup is 10 % of all epochs"),
        ({"schedule": {"name": "exponential", "over": "50 %"}}, "schedule.over is 50 % of all epochs"),
        (
            {"optimizer": {"name": "sgd", "lr": 0.1, "momentum": {"from": 0.5, "to": 0.9, "over": "20 %"}}},
            "optimizer.momentum is 20 % of all epochs",
        ),
        ({"schedule": "polynomial"}, "schedule.over is 100 % of all epochs"),
        (
            {
                "schedule": {
                    "name": "piecewise_constant",
                    "boundaries": ["5 steps", "50 %"],
                    "values": [0.1, 0.02, 0.01],
                },
                "optimizer": {"name": "sgd"},
            },
            "schedule.boundaries is 50 % of all epochs",
        ),
        ({"logging": {"steps_every": "10 %"}}, "logging.steps_every is 10 % of all epochs"),
    ],
    ids=["one_cycle", "warmup", "over", "momentum", "polynomial", "boundaries", "logging"],
)
def test_more_epochs_are_refused_where_the_run_depends_on_their_number(
    changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    run = trained(tmp_path, training={"epochs": 2}, **changes)
    text = refusal(run, epochs=4)
    assert f"--epochs is refused: {reason}" in text
    assert f"`dnnlab train {run.name} training.epochs=4` starts a new run" in text


def test_fewer_epochs_are_refused(tmp_path: Path) -> None:
    whole = trained(tmp_path)
    assert "received --epochs 3; the run was planned for 3; expected a higher number" in refusal(
        whole, epochs=3
    )
    assert "received --epochs 2" in refusal(whole, epochs=2)


@pytest.mark.parametrize("after", [None, 13], ids=["done", "interrupted"])
@pytest.mark.parametrize(
    "schedule",
    ["constant", {"name": "performance", "factor": 0.5, "patience": 1}],
    ids=["constant", "performance"],
)
def test_more_epochs_are_a_longer_run_bit_for_bit(schedule: Any, after: int | None, tmp_path: Path) -> None:
    for name in ("short", "long"):
        (tmp_path / name).mkdir()
    changes: dict[str, Any] = {"schedule": schedule, "regularizers": {"dropout": 0.3, "ema": 0.9}}
    short = trained(tmp_path / "short", training={"epochs": 2}, after=after, **changes)
    long = trained(tmp_path / "long", training={"epochs": 5}, **changes)
    resumed(short, epochs=5)
    assert_same(short, long)
    meta = json.loads((short / "meta.json").read_text())
    assert meta["config"]["training.epochs"] == 5 and meta["status"] == "done"
    resumed(short, epochs=6)  # the new number is the run's own now
    assert len(rows(short)) == 6


def test_more_epochs_are_refused_where_the_last_was_measured_only_because_it_was_the_last(
    tmp_path: Path,
) -> None:
    run = trained(tmp_path, training={"epochs": 3, "eval_every": 2})
    assert "epoch 3 was validated only because it was the last" in refusal(run, epochs=6)


def test_an_epoch_that_was_not_validated_is_no_reason_to_refuse(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    plan = {"epochs": 3, "eval_every": 2, "monitor": "train_loss"}
    whole = trained(tmp_path / "whole", training=plan)
    cut = trained(tmp_path, training=plan, after=10)  # at the end of the first epoch
    resumed(cut)
    assert_same(cut, whole)
