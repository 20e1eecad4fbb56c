"""Stochastic weight averaging against a mean by hand over recorded weights, and BatchNorm's values against
float64.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dnnlab.assembly.session import build
from dnnlab.config import load_mapping
from dnnlab.engine.loop import fit
from dnnlab.engine.records import Epoch, Step
from dnnlab.engine.session import Session
from dnnlab.errors import ConfigError


def make(swa: Any, regularizers: dict[str, Any] | None = None, **changes: Any) -> Session:
    config = {
        "data": {"name": "digits", "limit": 300},
        "architecture": {"hidden": [12]},
        "training": {"epochs": 5, "batch_size": 64, "monitor": "train_loss"},
        "regularizers": {"swa": swa, **(regularizers or {})},
    }
    return build(load_mapping({**config, **changes})).session


def train(session: Session) -> tuple[list[dict[str, Tensor]], list[dict[str, Any]], list[float]]:
    """The weights and the rows after each epoch, and the rate of each step."""
    weights, rows, rates = [], [], []
    for record in fit(session):
        if isinstance(record, Step):
            rates.append(session.optimizer.param_groups[0]["lr"])
        if isinstance(record, Epoch):
            weights.append({name: t.detach().clone() for name, t in session.net.state_dict().items()})
            rows.append(record.row)
    return weights, rows, rates


@pytest.mark.parametrize(
    ("start", "first"), [("2 epochs", 1), ("60 %", 2), ("11 steps", 2), ("10 steps", 1), ("0 %", 0)]
)
def test_swa_is_the_mean_of_the_weights_at_the_ends_of_epochs(start: str, first: int) -> None:
    """Five steps an epoch: an epoch whose last step is the start's or a later one counts."""
    session = make(start)
    weights, rows, _ = train(session)
    (average,) = session.averages
    for name, mean in average.net.state_dict().items():
        expected = torch.stack([w[name].double() for w in weights[first:]]).mean(0)
        assert torch.allclose(mean.double(), expected, atol=1e-6), name
    assert ["val_accuracy_swa" in row for row in rows] == [epoch >= first for epoch in range(5)]
    assert not average.net.training and not any(p.requires_grad for p in average.net.parameters())


def test_batch_normalization_is_computed_anew_by_a_pass_over_the_training_inputs() -> None:
    session = make(
        {"start": "2 epochs", "lr": 0.05}, normalization="batch", optimizer={"name": "sgd", "lr": 0.01}
    )
    weights, rows, _ = train(session)
    (average,) = session.averages
    mean = {name: torch.stack([w[name].double() for w in weights[1:]]).mean(0) for name in weights[0]}
    hidden = session.train.inputs.flatten(1).double() @ mean["hidden1.weight"].T
    state = average.net.state_dict()
    found = {name: state[f"hidden1.normalization.running_{name}"].double() for name in ("mean", "var")}
    assert torch.allclose(found["mean"], hidden.mean(0), atol=1e-5)
    assert torch.allclose(found["var"], hidden.var(0), rtol=1e-5)
    kept = session.net.state_dict()["hidden1.normalization.running_mean"]
    assert not torch.allclose(
        state["hidden1.normalization.running_mean"], kept, atol=1e-3
    )  # not those of the raw net
    from dnnlab.engine.measure import evaluate

    again = evaluate(average.net, session.validation, session.loss, session.metrics(), 256, session.autocast)
    assert again["val_loss"] == rows[-1]["val_loss_swa"]


def test_swa_leaves_the_raw_weights_alone() -> None:
    noisy = {"dropout": 0.3}
    with_swa, _, _ = train(make("40 %", noisy, normalization="batch"))
    plain = make("40 %", noisy, normalization="batch")
    plain.averages = ()
    without, _, _ = train(plain)
    assert all(torch.equal(with_swa[-1][name], without[-1][name]) for name in without[-1])


def test_the_rate_is_constant_from_the_start_on() -> None:
    schedule = {"name": "exponential", "decay_rate": 0.5, "over": "1 epochs", "warmup": "2 steps"}
    sgd = {"name": "sgd", "lr": 0.1}
    _, _, rates = train(make({"start": "3 epochs", "lr": 0.02}, schedule=schedule, optimizer=sgd))
    _, _, free = train(make({"start": "3 epochs"}, schedule=schedule, optimizer=sgd))
    assert rates == free[:15] + [0.02] * 10
    assert free[15:] != rates[15:]


def test_swa_and_ema_work_side_by_side() -> None:
    session = make(
        "40 %", {"ema": 0.9}, normalization="batch", training={"epochs": 5, "monitor": "val_accuracy_swa"}
    )
    _, rows, _ = train(session)
    assert {"val_accuracy", "val_accuracy_ema", "val_accuracy_swa", "val_loss_swa"} <= set(rows[-1])
    assert session.progress.best["epoch"] >= 2  # before that there was nothing to be best
    alone = make("40 %", normalization="batch", training={"epochs": 5, "monitor": "val_accuracy_swa"})
    _, single, _ = train(alone)
    assert [row.get("val_loss_swa") for row in rows] == [row.get("val_loss_swa") for row in single]


def test_a_start_after_the_end_is_refused() -> None:
    text = (
        r"regularizers\.swa\.start: received 5 epochs, which is 25 steps; the whole training has 25; "
        r"expected a time before its end"
    )
    with pytest.raises(ConfigError, match=text):
        make("5 epochs")


def test_an_uneven_last_batch_does_not_spoil_the_average(tmp_path: Path) -> None:
    """A table in the order of its first column, two rows more than a batch of evaluation."""
    rows = np.random.default_rng(0).normal(size=(258, 3)) + np.linspace(-3, 3, 258)[:, None]
    table = np.column_stack([rows, rows[:, 0] ** 2 / 3 + rows[:, 1]])
    np.savetxt(tmp_path / "t.csv", table, delimiter=",", header="a,b,c,y", comments="")
    data = {
        "name": "csv",
        "path": str(tmp_path / "t.csv"),
        "target": "y",
        "validation": "none",
        "test": "none",
    }
    session = make(
        {"start": "50 %"},
        data=data,
        normalization="batch",
        architecture={"hidden": [32]},
        optimizer={"name": "adam", "lr": 0.01},
        training={"epochs": 20, "batch_size": 32, "monitor": "train_loss"},
    )
    train(session)
    inputs, targets = session.train.inputs, session.train.targets
    assert targets is not None and isinstance(inputs, Tensor)
    losses = [
        (net.eval()(inputs) - targets).square().mean() for net in (session.averages[0].net, session.net)
    ]
    assert losses[0] < 1.5 * losses[1]
