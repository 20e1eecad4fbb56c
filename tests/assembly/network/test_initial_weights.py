"""Initial weights: from the seed and the parameter's own name, by the initializer that suits the
activation.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from helpers.trainings import built
from torch import Tensor

from dnnlab.assembly.network.net import measured_rows


def weights(**changes: Any) -> dict[str, Tensor]:
    return {name: e.parameter.detach() for name, e in built(**changes).session.table.entries.items()}


def test_the_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    one, again, other = weights(seed=1), weights(seed=1), weights(seed=2)
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not torch.equal(one["hidden1.weight"], other["hidden1.weight"])


def test_layers_of_the_same_shape_start_differently() -> None:
    found = weights(architecture={"hidden": [16, 16, 16]})
    assert not torch.equal(found["hidden2.weight"], found["hidden3.weight"])


def test_a_new_layer_leaves_the_others_alone() -> None:
    small, large = weights(architecture={"hidden": [16, 16]}), weights(architecture={"hidden": [16, 16, 16]})
    assert all(torch.equal(small[name], large[name]) for name in small)


@pytest.mark.parametrize(
    "change",
    [
        {"regularizers": {"dropout": 0.5, "mixup": 0.2}},
        {"normalization": "weight"},
        {"training": {"batch_size": 7}},
        {"optimizer": "sgd"},
        {"data": {"name": "digits", "limit": 100}},
    ],
)
def test_other_changes_leave_the_weights_alone(change: dict[str, Any]) -> None:
    plain, changed = weights(), weights(**change)
    assert torch.equal(plain["hidden1.weight"], changed["hidden1.weight"])
    assert torch.equal(plain["output.weight"], changed["output.weight"])


def test_biases_start_at_zero_and_gains_at_the_weights_length() -> None:
    found = weights(normalization="weight")
    assert found["hidden1.bias"].eq(0).all() and found["output.bias"].eq(0).all()
    assert torch.allclose(found["hidden1.gain"], found["hidden1.weight"].norm(dim=1))


@pytest.mark.parametrize(
    ("activation", "name", "variance"),
    [
        ("relu", "he_normal", 2 / 64),
        ("leaky_relu", "he_normal", 2 / 64),
        ("elu", "he_normal", 2 / 64),
        ("prelu", "he_normal", 2 / 64),
        ("selu", "lecun_normal", 1 / 64),
        ("tanh", "glorot_uniform", 2 / (64 + 400)),
        ("sigmoid", "glorot_uniform", 2 / (64 + 400)),
        ("maxout", "glorot_uniform", 2 / (64 + 800)),
    ],
)
def test_auto_suits_the_activation(activation: str, name: str, variance: float) -> None:
    made = built(activation=activation, architecture={"hidden": [400]})
    assert made.initializers["hidden1"].name == name
    assert made.initializers["output"].name == "glorot_uniform", "the output layer has no activation to suit"
    weight = made.session.table.entries["hidden1.weight"].parameter
    # The deviation of a variance over n numbers is at most sqrt(2/n) of it: four of these.
    assert weight.var().item() == pytest.approx(variance, rel=4 * math.sqrt(2 / weight.numel()))


def test_auto_follows_the_activation_of_each_layer() -> None:
    made = built(architecture={"hidden": [16, 16]}, per_layer={"hidden2": {"activation": "selu"}})
    assert {layer: part.name for layer, part in made.initializers.items()} == {
        "hidden1": "he_normal",
        "hidden2": "lecun_normal",
        "output": "glorot_uniform",
    }


def test_a_written_initializer_sets_the_output_too() -> None:
    made = built(initializer={"name": "normal", "std": 0.5})
    assert {part.name for part in made.initializers.values()} == {"normal"}


@pytest.mark.parametrize(
    "architecture",
    [{"hidden": [32, 16]}, {"name": "cnn", "blocks": [[4], [8]], "hidden": [16]}],
    ids=["mlp", "cnn"],
)
def test_lsuv_gives_every_layer_unit_variance(architecture: Any) -> None:
    made = built(architecture=architecture, initializer="lsuv", activation="tanh")
    net, x = made.session.net.eval(), measured_rows(made.session.train.inputs)
    assert {part.name for part in made.initializers.values()} == {"lsuv"}
    found: dict[str, float] = {}
    for name in made.session.table.layers:
        net.get_submodule(name).register_forward_pre_hook(
            lambda layer, inputs, name=name: found.__setitem__(name, layer.linear(inputs[0]).var().item())
        )
    net(x)
    assert found == pytest.approx(dict.fromkeys(made.session.table.layers, 1.0), abs=0.02)


@pytest.mark.parametrize("count", [1, 255, 256, 257, 400, 100_000])
def test_initializers_measure_rows_from_the_whole_split(count: int) -> None:
    """The first rows of a sorted table are not like the others."""
    rows = measured_rows(torch.arange(count))
    step = -(-count // 256)
    assert len(rows) <= 256 and rows[0] == 0 and rows[-1] >= count - step
    assert (rows.diff() == step).all()


def test_lsuv_depends_on_the_seed_alone() -> None:
    one, again, other = (weights(initializer="lsuv", seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one["hidden1.weight"], again["hidden1.weight"])
    assert not torch.equal(one["hidden1.weight"], other["hidden1.weight"])
