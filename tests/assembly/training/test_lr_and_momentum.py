"""Learning rate and momentum of every step, as `build` composes them and as the optimizer gets them."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.trainings import built

from dnnlab.assembly.training.lr_and_momentum import ScheduledRates
from dnnlab.engine.loop import fit
from dnnlab.engine.records import Epoch, Step
from dnnlab.optim.schedules.decay import constant
from dnnlab.registry import Ramp

RAMP = {"from": 0.5, "to": 0.9, "over": "1 epochs"}


def seen(**changes: Any) -> list[dict[str, Any]]:
    """What stands in the optimizer's first group after each step of a training."""
    session = built(**changes).session
    group = session.optimizer.param_groups[0]
    return [dict(group) for record in fit(session) if isinstance(record, Step)]


def test_warmup_rises_linearly_from_zero() -> None:
    rates = ScheduledRates(constant(0.1), 4, None, 0)
    assert [rates(step)[0] for step in range(6)] == pytest.approx([0.0, 0.025, 0.05, 0.075, 0.1, 0.1])


def test_warmup_lies_over_the_schedule_which_runs_on_underneath() -> None:
    changes = {"optimizer": {"name": "sgd", "lr": 1e-3}, "training": {"epochs": 2}}
    plain = seen(schedule={"name": "power", "over": "1 epochs"}, **changes)
    warm = seen(schedule={"name": "power", "over": "1 epochs", "warmup": "5 steps"}, **changes)
    factors = [min(step / 5, 1) for step in range(20)]
    assert [g["lr"] for g in warm] == pytest.approx(
        [f * g["lr"] for f, g in zip(factors, plain, strict=True)]
    )
    assert warm[5]["lr"] == plain[5]["lr"] == pytest.approx(1e-3 / 1.5)


@pytest.mark.parametrize(("warmup", "steps"), [("2 epochs", 20), ("7 steps", 7), ("10 %", 3)])
def test_warmup_in_every_unit(warmup: str, steps: int) -> None:
    assert built(schedule={"name": "constant", "warmup": warmup}).session.rates.warmup_steps == pytest.approx(
        steps
    )  # type: ignore[attr-defined]


def test_a_warmup_of_the_whole_training_is_allowed() -> None:
    assert len(seen(schedule={"name": "constant", "warmup": "3 epochs"})) == 30


def test_a_momentum_ramp_reaches_the_optimizer() -> None:
    groups = seen(optimizer={"name": "sgd", "lr": 0.01, "momentum": RAMP}, training={"epochs": 2})
    assert [g["momentum"] for g in groups] == pytest.approx(
        [min(0.5 + 0.04 * step, 0.9) for step in range(20)]
    )
    assert Ramp.parse(RAMP).at(5, 10) == pytest.approx(0.7)


def test_a_cycle_moves_the_momentum_of_sgd_and_the_first_beta_of_adam() -> None:
    sgd = seen(optimizer={"name": "sgd", "lr": 0.1, "momentum": 0.9}, schedule="one_cycle")
    assert [sgd[step]["momentum"] for step in (0, 13, 29)] == pytest.approx([0.95, 0.85, 0.95])
    assert [sgd[step]["lr"] for step in (0, 13, 29)] == pytest.approx([0.01, 0.1, 0.00001])
    adam = seen(optimizer={"name": "adam", "lr": 0.001}, schedule="one_cycle")
    assert [adam[step]["betas"] for step in (0, 13)] == [(0.95, 0.999), (0.85, 0.999)]
    plain = seen(optimizer={"name": "sgd", "lr": 0.1}, schedule="one_cycle")
    assert {g["momentum"] for g in plain} == {0.0}


@pytest.mark.parametrize(
    ("optimizer", "schedule", "first", "peak"),
    [
        ({"name": "adam", "lr": 0.02}, {"name": "one_cycle"}, 0.002, 0.02),
        ({"name": "adam"}, {"name": "one_cycle", "max_lr": 0.03}, 0.003, 0.03),
        ({"name": "adam", "lr": 0.01}, {"name": "one_cycle", "max_lr": 0.03}, 0.01, 0.03),
    ],
    ids=["only_lr", "only_max_lr", "both"],
)
def test_which_rate_is_the_peak(
    optimizer: dict[str, Any], schedule: dict[str, Any], first: float, peak: float
) -> None:
    rates = [g["lr"] for g in seen(optimizer=optimizer, schedule=schedule)]
    assert (rates[0], max(rates)) == pytest.approx((first, peak))


def test_a_watching_schedule_hears_the_monitor_turned_the_right_way() -> None:
    session = built(
        optimizer={"name": "sgd", "lr": 1e-12},
        schedule={"name": "performance", "factor": 0.5, "patience": 2},
        training={"epochs": 6, "monitor": "val_loss"},
    ).session
    epochs = [record.row["lr"] for record in fit(session) if isinstance(record, Epoch)]
    assert epochs == pytest.approx([1e-12] * 3 + [0.5e-12] * 2 + [0.25e-12])
    better = built(
        optimizer={"name": "sgd", "lr": 0.05},
        schedule={"name": "performance", "factor": 0.5, "patience": 1},
        training={"epochs": 4, "monitor": "val_loss"},
    ).session
    assert [record.row["lr"] for record in fit(better) if isinstance(record, Epoch)] == [0.05] * 4


def test_the_logged_rate_is_that_of_the_step() -> None:
    session = built(schedule={"name": "exponential", "over": "1 epochs", "warmup": "3 steps"}).session
    group, logged = session.optimizer.param_groups[0], []
    for record in fit(session):
        if isinstance(record, Step):
            assert record.rows is not None
            logged.append((record.rows["steps.jsonl"]["lr"], group["lr"]))
    assert len(logged) == 30 and all(row == actual for row, actual in logged)


def test_every_optimizer_takes_what_the_schedule_says() -> None:
    for optimizer in ("sgd", "adam", "nadam", "muon"):
        rates = [
            g["lr"]
            for g in seen(
                optimizer={"name": optimizer, "lr": 0.004},
                schedule={"name": "exponential", "over": "1 epochs"},
            )
        ]
        assert rates == pytest.approx([0.004 * 0.1 ** (step / 10) for step in range(30)]), optimizer
