"""The net that a config describes: names, roles, shapes, the order of stages, and one name for one
parameter.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from helpers.trainings import built
from torch import nn

from dnnlab.engine.loop import fit
from dnnlab.nn.parameter_table import Fans, ParameterTable

CNN = {"name": "cnn", "blocks": [[4], [6]], "hidden": [8]}


def table(**changes: Any) -> ParameterTable:
    return built(**changes).session.table


def modules(layer: nn.Module) -> list[str]:
    """The stages behind a layer's linear part, in the order in which they act."""
    return [f"{name}:{type(stage).__name__}" for name, stage in layer.named_children()]


def layer(name: str, **changes: Any) -> Any:
    return built(**changes).session.net.get_submodule(name)


def test_names_and_roles_of_a_dense_net() -> None:
    found = table(
        architecture={"hidden": [16, 8]},
        normalization={"name": "batch", "position": "after_activation"},
        activation="prelu",
    )
    roles = {name: entry.role for name, entry in found.entries.items()}
    hidden = {
        "weight": "weight",
        "bias": "bias",
        "activation.weight": "activation",
        "normalization.weight": "norm",
        "normalization.bias": "norm",
    }
    expected = {f"{layer}.{key}": role for layer in ("hidden1", "hidden2") for key, role in hidden.items()}
    assert roles == {**expected, "output.weight": "weight", "output.bias": "bias"}
    assert found.layers == ["hidden1", "hidden2", "output"]
    assert all(entry.unit_axis == 0 for entry in found.entries.values())
    assert found.entries["hidden2.weight"].layer == "hidden2"


def test_the_state_dict_has_the_tables_names() -> None:
    found = table(architecture=CNN, normalization="batch")
    assert found.net is not None
    assert {name for name, _ in found.net.named_parameters()} == set(found.entries)
    assert {name for name in found.net.state_dict() if not name.startswith(("conv", "hidden"))} == {
        "output.weight",
        "output.bias",
    }
    assert "conv1.normalization.running_mean" in found.net.state_dict()


@pytest.mark.parametrize(
    ("changes", "name", "fans", "shape"),
    [
        ({}, "hidden1", Fans(64, 16), (16, 64)),
        ({"architecture": {"hidden": [16, 8]}}, "hidden2", Fans(16, 8), (8, 16)),
        ({"architecture": {"hidden": []}}, "output", Fans(64, 10), (10, 64)),
        ({"architecture": CNN}, "conv2", Fans(4 * 9, 6 * 9), (6, 4, 3, 3)),
        ({"architecture": CNN}, "hidden1", Fans(6 * 2 * 2, 8), (8, 24)),
        ({"activation": {"name": "maxout", "pieces": 3}}, "hidden1", Fans(64, 48), (48, 64)),
        ({"activation": "maxout"}, "output", Fans(16, 10), (10, 16)),
        ({"data": "diabetes"}, "output", Fans(16, 1), (1, 16)),
        ({"data": "breast_cancer"}, "output", Fans(16, 1), (1, 16)),
    ],
)
def test_fans_and_shapes(changes: dict[str, Any], name: str, fans: Fans, shape: tuple[int, ...]) -> None:
    entry = table(**changes).entries[f"{name}.weight"]
    assert entry.fans == fans
    assert tuple(entry.parameter.shape) == shape


@pytest.mark.parametrize(
    ("normalization", "has_bias"),
    [
        ("none", True),
        ("batch", False),
        ({"name": "batch", "position": "after_activation"}, True),
        ("layer", True),
        ("weight", True),
    ],
)
@pytest.mark.parametrize("architecture", [{"hidden": [16]}, CNN], ids=["dense", "conv"])
def test_a_bias_stands_where_nothing_subtracts_it(
    normalization: Any, has_bias: bool, architecture: Any
) -> None:
    found = table(architecture=architecture, normalization=normalization)
    hidden = [name for name in found.layers if name != "output"]
    assert [f"{name}.bias" in found.entries for name in hidden] == [has_bias] * len(hidden)
    assert "output.bias" in found.entries


def test_stages_stand_in_order() -> None:
    inside = {"regularizers": {"dropout": 0.2}, "activation": "elu"}
    before = layer("hidden1", normalization="batch", **inside)
    assert modules(before) == ["normalization:BatchNorm1d", "activation:ELU", "dropout:Dropout"]
    after = layer("hidden1", normalization={"name": "batch", "position": "after_activation"}, **inside)
    assert modules(after) == ["activation:ELU", "normalization:BatchNorm1d", "dropout:Dropout"]
    assert (
        modules(layer("conv1", architecture=CNN, normalization="layer", **inside))[0]
        == "normalization:GroupNormalization"
    )
    assert modules(layer("output", normalization="batch", **inside)) == []


def test_a_layer_is_the_sum_of_its_stages() -> None:
    hidden = layer("hidden1", normalization="batch", activation="tanh", regularizers={"dropout": 0.2}).eval()
    x = torch.randn(5, 64)
    expected = torch.tanh(hidden.normalization(x @ hidden.weight.t()))
    assert torch.allclose(hidden(x), expected, atol=1e-6)


def test_maxout_normalizes_all_pieces_before_and_the_largest_after() -> None:
    assert layer("hidden1", activation="maxout", normalization="batch").normalization.num_features == 32
    after = layer(
        "hidden1", activation="maxout", normalization={"name": "batch", "position": "after_activation"}
    )
    assert after.normalization.num_features == 16


def test_inputs_can_be_normalized_and_dropped() -> None:
    found = built(
        normalization={"name": "batch", "on_input": True},
        regularizers={"dropout": {"rate": 0.2, "input_rate": 0.1}},
    ).session
    assert modules(found.net)[:3] == [
        "flatten:Flatten",
        "input_normalization:BatchNorm1d",
        "input_dropout:Dropout",
    ]
    assert found.net.get_submodule("input_normalization").num_features == 64, "an mlp's inputs are the pixels"
    images = built(architecture=CNN, normalization={"name": "batch", "on_input": True}).session.net
    assert modules(images)[0] == "input_normalization:BatchNorm2d"
    assert found.table.entries["input_normalization.weight"].role == "norm"
    flat = built(
        data={"name": "moons", "samples": 100}, normalization={"name": "batch", "on_input": True}
    ).session
    assert modules(flat.net)[0] == "input_normalization:BatchNorm1d"
    assert flat.net.get_submodule("input_normalization").num_features == 2


def test_a_tied_autoencoder_uses_one_parameter_twice_and_trains() -> None:
    session = built(
        architecture={"name": "autoencoder", "hidden": [16, 4], "tied": True}, activation="elu"
    ).session
    assert [n for n in session.table.entries if n.endswith("weight")] == ["hidden1.weight", "hidden2.weight"]
    assert session.table.layers == ["hidden1", "hidden2", "hidden3", "output"]
    assert [n for n in session.table.entries if n.startswith(("hidden3", "output"))] == [
        "hidden3.bias",
        "output.bias",
    ]
    weight, x = session.table.entries["hidden1.weight"].parameter, torch.randn(3, 16)
    assert torch.allclose(session.net.get_submodule("output").linear(x), x @ weight)  # type: ignore[operator]
    assert session.task.target == "real" and session.task.outputs == 64
    assert torch.equal(session.train.targets, session.train.inputs.flatten(1))
    before, last = weight.detach().clone(), list(fit(session))[-1]
    assert not torch.equal(weight, before)
    assert last.last["metrics"]["val_loss"] < 1.0  # the mean squared error of always saying the mean


def test_an_untied_autoencoder_has_weights_of_its_own() -> None:
    found = table(architecture={"name": "autoencoder", "hidden": [16, 4]})
    assert tuple(found.entries["hidden3.weight"].parameter.shape) == (16, 4)
    assert tuple(found.entries["output.weight"].parameter.shape) == (64, 16)


SEQUENCE = [
    {"name": "conv", "channels": 4, "kernel": 3, "padding": "valid"},
    {"name": "residual", "layers": [{"name": "conv", "channels": 4}, {"name": "conv", "channels": 4}]},
    "max_pool",
    {"name": "conv", "channels": 5, "kernel": 2, "stride": 2},
    "flatten",
    {"name": "dense", "units": 7},
]


def test_a_sequence_infers_its_shapes_and_names_its_layers() -> None:
    session = built(architecture={"name": "sequential", "layers": SEQUENCE}, normalization="batch").session
    names = ["conv1", "block1.body.conv2", "block1.body.conv3", "conv4", "hidden1", "output"]
    assert session.table.layers == names
    shapes = {n: tuple(e.parameter.shape) for n, e in session.table.entries.items() if e.role == "weight"}
    assert shapes["conv1.weight"] == (4, 1, 3, 3)
    assert shapes["block1.body.conv2.weight"] == (4, 4, 3, 3)
    assert shapes["hidden1.weight"] == (7, 5 * 2 * 2)
    assert shapes["output.weight"] == (10, 7)
    assert session.net(session.train.inputs[:3]).shape == (3, 10)


def test_a_residual_block_adds_its_input() -> None:
    session = built(architecture={"name": "sequential", "layers": SEQUENCE}).session
    block = session.net.get_submodule("block1").eval()
    x = torch.randn(2, 4, 6, 6)
    assert torch.allclose(block(x), x + block.body(x))  # type: ignore[operator]


def test_a_sequence_that_ends_with_images_is_flattened() -> None:
    session = built(architecture={"name": "sequential", "layers": [{"name": "conv", "channels": 2}]}).session
    assert [n for n, _ in session.net.named_children()] == ["conv1", "flatten", "output"]


def test_convolutions_lie_channels_last_and_dense_nets_do_not() -> None:
    conv = built(architecture=CNN, data={"name": "digits", "limit": 50}).session
    assert conv.table.entries["conv2.weight"].parameter.is_contiguous(memory_format=torch.channels_last)
    assert built().session.train.inputs.is_contiguous()
