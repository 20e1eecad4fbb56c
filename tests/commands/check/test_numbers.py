"""The numbers of the checks against numpy, scipy and hand calculation."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from commands.check.sick_configs import plain_rows, table
from scipy.stats import entropy

from dnnlab.commands.check.activation_and_gradient_flow import signals_of
from dnnlab.commands.check.bench import Bench, open_bench
from dnnlab.commands.check.chance import chance_of
from dnnlab.commands.check.class_balance import class_balance
from dnnlab.commands.check.gradient_check import gradient_check
from dnnlab.commands.check.inputs import inputs
from dnnlab.commands.check.leakage import leakage
from dnnlab.commands.check.overfit_tiny_subset import others, tiny
from dnnlab.commands.check.penalty_raises_loss import penalties, penalty_raises_loss, raised_by
from dnnlab.commands.check.short_training import ShortTraining, largest_rate
from dnnlab.config import load

CSV = "data: {name: csv, path: t.csv, target: y, scale: none, task: classes}\narchitecture: {hidden: [4]}\n"


def bench(folder: Path, text: str, **files: str) -> Bench:
    for name, content in files.items():
        (folder / name.replace("_", ".", 1)).write_text(content)
    (folder / "x.yaml").write_text(text)
    return open_bench(load(folder / "x.yaml"))


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("data: digits\n", math.log(10), "ln 10"),
        ("data: moons\n", math.log(2), "ln 2"),
        ("data: digits\nloss: hinge\n", 9.0, "10 - 1"),
        ("data: digits\nloss: {name: hinge, margin: 0.5}\n", 4.5, "(10 - 1) x 0.5"),
        ("data: {name: diabetes, target_scale: standardize}\n", 1.0, "variance"),
        ("data: {name: digits, scale: none}\narchitecture: autoencoder\n", None, "mean square"),
    ],
)
def test_chance(tmp_path: Path, text: str, value: float | None, words: str) -> None:
    found = chance_of(bench(tmp_path, text))
    assert found.words == words
    assert value is None or found.value == pytest.approx(value, rel=1e-5)
    assert found.lowest <= found.value * 1.0001 <= found.highest


def test_chance_of_numbers_in_their_own_units(tmp_path: Path) -> None:
    b = bench(tmp_path, "data: diabetes\n")
    targets = b.data.train.targets.double().numpy()
    assert chance_of(b).value == pytest.approx((targets**2).mean())
    assert chance_of(b).lowest == pytest.approx(targets.var())
    b = bench(tmp_path, "data: diabetes\nloss: mae\n")
    assert chance_of(b).lowest == pytest.approx(np.abs(targets - np.median(targets)).mean(), rel=1e-3)


def test_the_lowest_chance_is_the_entropy_of_uneven_classes(tmp_path: Path) -> None:
    x, _ = plain_rows(400)
    b = bench(tmp_path, CSV, t_csv=table(x, (x[:, 0] > 1).astype(int)))
    assert chance_of(b).lowest == pytest.approx(entropy(b.data.class_counts["train"]))


def test_a_penalty_as_the_sum_of_squares(tmp_path: Path) -> None:
    b = bench(
        tmp_path,
        "data: digits\narchitecture: {hidden: [5]}\nregularizers: {l2: 0.01, l1: 0.1}\n"
        "per_layer: {output: {l2: 0.5}}\n",
    )
    table_ = b.session(b.sample(2)).table
    hidden, output = (e.parameter.detach().double().numpy() for e in table_.of_role("weight"))
    by_name = {bound.name: bound for bound in penalties(b)}
    for factor in (1.0, 10.0, 100.0):
        l2 = factor * (0.01 / 2 * (hidden**2).sum() + 0.5 / 2 * (output**2).sum())
        assert raised_by(by_name["l2"], table_, factor) == pytest.approx(l2, rel=1e-5)
        l1 = factor * 0.1 * (np.abs(hidden).sum() + np.abs(output).sum())
        assert raised_by(by_name["l1"], table_, factor) == pytest.approx(l1, rel=1e-5)
    assert penalty_raises_loss(b).measured.endswith("with l1 and l2 x 1, 10, 100")


def test_signals_of_a_net_against_numpy(tmp_path: Path) -> None:
    b = bench(
        tmp_path,
        "data: digits\narchitecture: {hidden: [6, 5]}\nactivation: tanh\nregularizers: {dropout: 0.5}\n",
    )
    session = b.session(b.sample(256))
    weights = [e.parameter.detach().double().numpy() for e in session.table.of_role("weight")]
    x = session.train.inputs.flatten(1).double().numpy()
    first = np.tanh(x @ weights[0].T)
    second = np.tanh(first @ weights[1].T)
    found = signals_of(b)
    assert found.deviations["hidden1"] == pytest.approx(np.sqrt(first.var(axis=0).mean()), rel=1e-4)
    assert found.deviations["hidden2"] == pytest.approx(np.sqrt(second.var(axis=0).mean()), rel=1e-4)
    logits = second @ weights[2].T
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    slope = (shares - np.eye(10)[session.train.targets.numpy()]) / len(x)  # type: ignore[union-attr]
    back = (slope @ weights[2]) * (1 - second**2)
    assert found.gradients["hidden2"] == pytest.approx(np.linalg.norm(back.T @ first), rel=1e-4)
    assert found.alike == {}


@pytest.mark.parametrize(("twins", "passed"), [(0, True), (2, True), (40, False)])
def test_rows_of_the_training_part_elsewhere(tmp_path: Path, twins: int, passed: bool) -> None:
    x, y = plain_rows(300)
    b = bench(
        tmp_path,
        CSV.replace("task: classes", "task: classes, test: none, validation: {first: 60}"),
        t_csv=table(x, y),
    )
    inputs = b.data.validation.inputs  # type: ignore[union-attr]
    inputs[:twins] = b.data.train.inputs[:twins]
    found = leakage(b)
    assert (found.passed, found.measured) == (passed, f"{twins} of 60 validation rows")


@pytest.mark.parametrize(
    ("more", "passed"),
    [
        ("", False),
        ("metrics: [accuracy, f1]\n", True),
        ("data.balance=weights", True),
        ("data.balance=sampling", True),
    ],
)
def test_uneven_classes(tmp_path: Path, more: str, passed: bool) -> None:
    x, _ = plain_rows(400)
    key, _, value = more.partition("=")
    text = CSV.replace("task: classes", f"task: classes, balance: {value}") if value else CSV + key
    found = class_balance(bench(tmp_path, text, t_csv=table(x, (x[:, 0] > 1.5).astype(int))))
    assert found.passed is passed
    assert "to 1; the largest has 9" in found.measured


def test_inputs_that_are_constant_or_normalized_by_the_net(tmp_path: Path) -> None:
    x, y = plain_rows(200)
    x[:, 2] = 7.0
    found = inputs(bench(tmp_path, CSV, t_csv=table(x, y)))
    assert found.passed and found.advice == "1 feature is the same in all rows: data.drop leaves columns out"
    large = table(x * 1000, y)
    assert inputs(bench(tmp_path, CSV, t_csv=large)).passed is False
    assert (
        inputs(bench(tmp_path, CSV + "normalization: {name: batch, on_input: true}\n", t_csv=large)).passed
        is True
    )


def test_twenty_rows_of_all_classes_no_two_alike(tmp_path: Path) -> None:
    b = bench(tmp_path, "data: digits\n")
    part = b.data.train
    part.inputs[:] = part.inputs[0]  # type: ignore[index]
    assert len(tiny(b)) == 1
    b = bench(tmp_path, "data: digits\n")
    assert np.bincount(b.data.train.targets[tiny(b)].numpy()).tolist() == [2] * 10


def test_the_rate_of_the_short_training_is_the_schedules_peak(tmp_path: Path) -> None:
    b = bench(tmp_path, "data: digits\noptimizer: {name: sgd, lr: 0.3, momentum: 0.9}\nschedule: one_cycle\n")
    rates = largest_rate(b, 100)
    assert rates.lr == pytest.approx(0.3, rel=1e-9)
    assert rates.momentum == pytest.approx(0.85)
    assert (rates.rises, rates.falls) == (True, True)
    assert rates(50) == (rates.lr, rates.momentum)
    assert rates(0)[0] == pytest.approx(0.03) and rates(99)[0] == pytest.approx(0.009)


@pytest.mark.parametrize(
    ("update", "diverged", "factors"),
    [
        (1e-6, False, [1000.0, 1e4, 100.0]),
        (1.2e-3, False, [10.0, 0.1]),
        (0.05, True, [0.01, 0.1, 0.001]),
        (math.nan, True, [0.1, 0.01, 1e-3, 1e-4, 1e-5]),
    ],
)
def test_other_rates_lead_towards_updates_of_a_thousandth(
    update: float, diverged: bool, factors: list[float]
) -> None:
    ended = ShortTraining(False, diverged, 10, 1.0, 1.0, 0.0, update, True)
    assert others(ended) == pytest.approx(factors, abs=1e-9)


def test_nothing_of_the_config_is_changed(tmp_path: Path) -> None:
    b = bench(
        tmp_path,
        "data: digits\nregularizers: {dropout: 0.2, l2: 1e-3}\noptimizer: {name: adamw, weight_decay: 0.1}\n",
    )
    before = b.config.flat()
    session = b.session()
    assert not any(isinstance(m, torch.nn.Dropout) for m in session.net.modules())
    assert session.optimizer.param_groups[0]["weight_decay"] == 0.0
    assert b.config.flat() == before


@pytest.mark.parametrize(
    "normalization", ["batch", "layer", "rms", "weight", "spectral", "{name: group, groups: 4}"]
)
@pytest.mark.parametrize("activation", ["relu", "maxout", "rrelu"])
def test_gradients_of_every_normalization_are_right(
    tmp_path: Path, normalization: str, activation: str
) -> None:
    text = (
        f"data: digits\narchitecture: {{hidden: [16, 8]}}\nactivation: {activation}\n"
        "regularizers: {dropout: 0.5, dropconnect: 0.5}\n"
    )
    found = gradient_check(bench(tmp_path, f"{text}normalization: {normalization}\n"))
    assert found.passed, found


def test_of_a_net_too_steep_for_differences_no_part_is_accused(tmp_path: Path) -> None:
    deep = f"architecture: {{hidden: {[16] * 50}}}\nnormalization: batch\nactivation: relu\n"
    found = gradient_check(bench(tmp_path, "data: {name: digits, limit: 200}\n" + deep))
    assert found.passed is not False, found
