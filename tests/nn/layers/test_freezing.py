"""Frozen layers: neither weights nor running statistics move, and training sees what evaluation sees."""

from __future__ import annotations

import copy
from typing import Any

import torch
from helpers.trainings import built
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

from dnnlab.engine.loop import fit
from dnnlab.nn.layers.freezing import rest

TWO = {"hidden": [16, 8]}


def moved(per_layer: dict[str, Any], **changes: Any) -> set[str]:
    """What of the net a short training changes."""
    session = built(architecture=TWO, per_layer=per_layer, **{"normalization": "batch", **changes}).session
    before = {name: tensor.clone() for name, tensor in session.net.state_dict().items()}
    list(fit(session))
    return {
        name for name, tensor in session.net.state_dict().items() if not torch.equal(tensor, before[name])
    }


def test_statistics_of_a_frozen_layer_rest() -> None:
    found = moved({"hidden1": {"frozen": True}})
    assert not any(name.startswith("hidden1.") for name in found)
    assert {
        "hidden2.normalization.running_mean",
        "hidden2.normalization.running_var",
        "hidden2.weight",
    } <= found


def test_those_of_the_inputs_too() -> None:
    batch = {"name": "batch", "on_input": True}
    assert "input_normalization.running_mean" in moved({"hidden1": {"frozen": True}}, normalization=batch)
    assert not any(
        name.startswith("input_")
        for name in moved({"(input_normalization|hidden1)": {"frozen": True}}, normalization=batch)
    )


def test_the_spectral_vector_rests() -> None:
    found = moved({"hidden1": {"frozen": True}}, normalization="spectral")
    assert "hidden1.spectral_u" not in found and "hidden2.spectral_u" in found


def test_a_frozen_layer_does_the_same_in_training_and_evaluation() -> None:
    session = built(architecture=TWO, per_layer={"hidden1": {"frozen": True}}, normalization="batch").session
    layer, inputs = session.net.get_submodule("hidden1"), torch.randn(6, 64)
    session.net.train()
    trained: Tensor = layer(inputs)
    assert torch.equal(session.net.eval().get_submodule("hidden1")(inputs), trained)


def test_copies_rest_by_themselves() -> None:
    net = nn.Sequential(nn.BatchNorm1d(3), nn.BatchNorm1d(3))
    rest(net[0])
    twin = copy.deepcopy(net).train()
    twin(torch.randn(8, 3) + 5)
    assert torch.equal(twin[0].running_mean, torch.zeros(3)) and not torch.equal(
        twin[1].running_mean, torch.zeros(3)
    )
    assert torch.equal(net[1].running_mean, torch.zeros(3))
    assert [module.training for module in (net[0], net[1], twin[0], twin[1])] == [False, True, False, True]


def test_statistics_that_are_measured_anew_leave_those_that_rest() -> None:
    net = nn.Sequential(nn.BatchNorm1d(3), nn.BatchNorm1d(3))
    net(torch.randn(8, 3, generator=torch.Generator().manual_seed(0)) + 5)
    rest(net[0])
    twin, before = copy.deepcopy(net), net[0].running_mean.clone()
    update_bn([torch.randn(8, 3) - 9], twin)
    assert torch.equal(twin[0].running_mean, before)
    assert not torch.equal(twin[1].running_mean, net[1].running_mean)
