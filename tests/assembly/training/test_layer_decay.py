"""`layer_decay`: the rate of a layer is rate * decay^(layers above it), times its own factors."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.trainings import built

from dnnlab.engine.step import set_rates
from dnnlab.errors import ConfigError


def factors(decay: float, **changes: Any) -> dict[str, float]:
    """Layer -> the factor of its rate."""
    reuse = {"from": "not read here", "layer_decay": decay, **changes.pop("reuse", {})}
    session = built(**changes, reuse=reuse).session
    return {
        name.rpartition(".")[0]: group["lr_factor"]
        for group in session.optimizer.param_groups
        for name in group["names"]
    }


def test_a_row_of_dense_layers() -> None:
    found = factors(0.8, architecture={"name": "mlp", "hidden": [9, 8, 7]})
    assert found == pytest.approx({"hidden1": 0.512, "hidden2": 0.64, "hidden3": 0.8, "output": 1.0})


def test_a_normalization_goes_with_its_layer_and_a_block_counts_once() -> None:
    found = factors(
        0.5, architecture={"name": "resnet", "form": "cifar", "depth": 8, "width": 4}, normalization="batch"
    )
    blocks = {name.partition(".")[0]: factor for name, factor in found.items()}
    assert set(found.values()) == {0.5**power for power in range(5)}
    assert blocks == {"conv1": 0.5**4, "block1": 0.5**3, "block2": 0.5**2, "block3": 0.5, "output": 1.0}


def test_the_tied_half_of_an_autoencoder() -> None:
    found = factors(0.5, architecture={"name": "autoencoder", "hidden": [9, 4], "tied": True})
    assert found["hidden1"] == 0.5 * found["hidden2"]
    assert found["output"] == max(found.values()) == 1.0


def test_own_factors_and_stages_multiply() -> None:
    found = factors(
        0.8,
        architecture={"name": "mlp", "hidden": [9, 8]},
        per_layer={"hidden1": {"lr_factor": 0.5}, "output": {"lr_factor": 2}},
        reuse={"freeze": "hidden1", "unfreeze": [{"at": "1 epochs", "layers": "hidden1", "lr_factor": 0.1}]},
    )
    assert found == pytest.approx({"hidden1": 0.64 * 0.5 * 0.1, "hidden2": 0.8, "output": 2.0})


def test_the_schedule_moves_all_rates_together() -> None:
    session = built(
        architecture={"name": "mlp", "hidden": [9]},
        schedule={"name": "cosine"},
        reuse={"from": "x", "layer_decay": 0.5},
    ).session
    rates = []
    for step in (0, 15):
        lr, momentum = session.rates(step)
        set_rates(session.optimizer, lr, momentum)
        rates.append([group["lr"] for group in session.optimizer.param_groups])
        assert rates[-1] == pytest.approx([lr * 0.5, lr])
    assert rates[1][1] < rates[0][1]


def test_no_decay_leaves_one_group() -> None:
    session = built(reuse={"from": "x"}).session
    assert len(session.optimizer.param_groups) == 1


def test_an_optimizer_with_one_rate_refuses_it() -> None:
    with pytest.raises(ConfigError) as caught:
        factors(0.8, optimizer="lbfgs", training={"batch_size": "full"})
    text = (
        "reuse.layer_decay: lbfgs takes all parameters at once, at one learning rate; expected no layer_decay"
    )
    assert text in str(caught.value)
