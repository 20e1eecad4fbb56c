"""The table of epochs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from dnnlab.engine.records import Epoch
from dnnlab.render.screens.epoch_table import EpochTable, fitting_columns, mark_of, plain_row, short
from dnnlab.render.screens.run_facts import RunFacts
from dnnlab.render.terminal.text import columns
from dnnlab.rundir.generalization_gap import main_measure

Make = Callable[..., Epoch]


def full_row(epoch: Epoch, table: EpochTable, **extra: float | None) -> str:
    return table.row({**epoch.row, "took": 9.8, "update": 9.1e-4, **extra})


def test_it_looks_like_the_screen_in_the_design(facts: RunFacts, make_epoch: Make) -> None:
    table = EpochTable(facts, 80)
    assert table.header() == " epoch   loss  val_loss  accuracy  val_acc.       lr  update  s/epoch"
    assert (
        full_row(make_epoch(), table)
        == "     1 4.0462    2.1441    0.1597    0.2036    5e-05  9.1e-04     9.8"
    )


@pytest.mark.parametrize("width", [20, 30, 40, 60, 72, 80, 120])
@pytest.mark.parametrize(
    "name", ["accuracy", "root_mean_squared_logarithmic_error", "誤差の平均値です", "f1"]
)
@pytest.mark.parametrize("averages", [(), ("ema",), ("ema", "swa", "polyak_average")])
@pytest.mark.parametrize("value", [0.5, 1e12, -3.25e-9, math.nan, -math.inf, 123456.789])
def test_no_row_is_wider_than_the_terminal(
    facts: RunFacts, make_epoch: Make, width: int, name: str, averages: tuple[str, ...], value: float
) -> None:
    facts = replace(facts, main=name, metrics=(name,), averages=averages)
    keys = ["train_loss", "val_loss", f"train_{name}", f"val_{name}", *(f"val_{name}_{a}" for a in averages)]
    epoch = make_epoch(99_999, row=dict.fromkeys(keys, value), is_best=False, since_best=12)
    table = EpochTable(facts, width)
    assert columns(table.header()) <= width
    row = full_row(epoch, table, took=123_456.0, update=1.5e-300) + "  " + mark_of(epoch)
    assert columns(row) <= max(width, 6 + 7 + 10)  # epoch and loss stay in any case
    assert columns(row) - 10 == columns(table.row(epoch.row | {"took": 1.0})), "columns stay where they are"


@pytest.mark.parametrize("value", [-1.234567e-300, -1.2e300, -99999.95])
def test_numbers_stand_apart(facts: RunFacts, make_epoch: Make, value: float) -> None:
    keys = ("train_loss", "val_loss", "train_accuracy", "val_accuracy")
    row = full_row(make_epoch(row=dict.fromkeys(keys, value)), EpochTable(facts, 80))
    assert len(row.split()) == 8


def test_what_is_needed_least_goes_first(facts: RunFacts) -> None:
    titles = [
        [c.title.strip() for c in fitting_columns(replace(facts, averages=("ema",)), width)]
        for width in (100, 80, 60, 50)
    ]
    assert titles[0] == [
        "epoch",
        "loss",
        "val_loss",
        "accuracy",
        "val_acc.",
        "ema_acc.",
        "lr",
        "update",
        "s/epoch",
    ]
    assert titles[1] == ["epoch", "loss", "val_loss", "accuracy", "val_acc.", "ema_acc.", "lr", "update"]
    assert titles[2] == ["epoch", "loss", "val_loss", "accuracy", "val_acc.", "ema_acc."]
    assert titles[3] == ["epoch", "loss", "val_loss", "val_acc.", "ema_acc."]


def test_without_a_validation_part_nothing_of_it_is_shown(facts: RunFacts) -> None:
    titles = [c.title for c in fitting_columns(replace(facts, validated=False), 80)]
    assert titles == ["epoch", "loss", "accuracy", "lr", "update ", "s/epoch"]


def test_epochs_that_were_not_measured_show_a_dash(facts: RunFacts, make_epoch: Make) -> None:
    epoch = make_epoch(value=None, is_best=False)
    row = {k: v for k, v in epoch.row.items() if not k.startswith("val_")}
    assert EpochTable(facts, 80).row(row | {"took": 9.8, "update": None}).split() == [
        "1",
        "4.0462",
        "-",
        "0.1597",
        "-",
        "5e-05",
        "-",
        "9.8",
    ]


def test_marks(make_epoch: Make) -> None:
    worse = make_epoch(12, is_best=False, since_best=3)
    assert [mark_of(make_epoch()), mark_of(worse), mark_of(make_epoch(value=None, is_best=False))] == [
        "best",
        "3 worse",
        "",
    ]


def test_short_names_fit_eight_columns() -> None:
    assert [short("accuracy"), short("accuracy", "val_"), short("r2", "val_"), short("mae", "ema_")] == [
        "accuracy",
        "val_acc.",
        "val_r2",
        "ema_mae",
    ]
    assert columns(short("root_mean_squared_error", "polyak_average_")) <= 8


@pytest.mark.parametrize(
    ("monitor", "metrics", "expected"),
    [
        ("val_loss", ("accuracy",), "accuracy"),
        ("val_mae", ("r2", "mae", "rmse"), "mae"),
        ("val_r2_ema", ("mae", "r2"), "r2"),
        ("train_loss", (), "loss"),
        ("val_mae_weighted", ("mae", "mae_weighted"), "mae_weighted"),
    ],
)
def test_the_metric_of_the_monitor_is_shown(monitor: str, metrics: tuple[str, ...], expected: str) -> None:
    assert main_measure(monitor, metrics) == expected


def test_a_line_for_a_log(facts: RunFacts, make_epoch: Make) -> None:
    epoch = make_epoch(12, is_best=False, since_best=1, row={"val_accuracy_ema": 0.25})
    line = plain_row(epoch, epoch.row | {"took": 9.8, "update": 9.1e-4}, replace(facts, averages=("ema",)))
    expected = (
        "epoch 12/100  loss 4.0462  val_loss 2.1441  accuracy 0.1597  val_accuracy 0.2036  "
        "val_accuracy_ema 0.2500"
    )
    assert line == f"{expected}  lr 5e-05  update 9.1e-04  9.8 s  1 worse"
