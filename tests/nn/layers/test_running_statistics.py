"""Frozen layers, whose statistics do not move, and statistics measured over all rows against float64."""

from __future__ import annotations

import copy
from itertools import product
from typing import Any

import pytest
import torch
from helpers.trainings import built
from torch import Tensor, nn

from dnnlab.engine.loop import fit
from dnnlab.nn.layers.running_statistics import freeze_statistics, measure_statistics

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
    freeze_statistics(net[0])
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
    freeze_statistics(net[0])
    twin, before = copy.deepcopy(net), net[0].running_mean.clone()
    measure_statistics(twin, [torch.randn(8, 3) - 9])
    assert torch.equal(twin[0].running_mean, before)
    assert not torch.equal(twin[1].running_mean, net[1].running_mean)


def two_layers() -> nn.Sequential:
    """Two normalizations, the second after an activation, with dropout that must not act."""
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 4), nn.BatchNorm1d(4)
    )


@torch.no_grad()
def by_hand(net: nn.Sequential, inputs: Tensor) -> list[Tensor]:
    """Means and variances of both layers in float64, each over all rows at once."""
    twin, found = copy.deepcopy(net).double().eval(), []
    for place in (1, 5):
        arrived = twin[:place](inputs.double())
        twin[place].running_mean.copy_(arrived.mean(0))
        twin[place].running_var.copy_(arrived.var(0))
        found += [arrived.mean(0), arrived.var(0)]
    return found


@pytest.mark.parametrize(("rows", "size"), [*product((2, 31, 258, 513), (1, 2, 32, 256, 1000))])
def test_every_row_counts_once_whatever_the_order_and_the_batches(rows: int, size: int) -> None:
    """Sorted rows and a short last batch are the worst case for a mean over batches."""
    net = two_layers()
    generator = torch.Generator().manual_seed(rows)
    inputs = torch.randn(rows, 3, generator=generator) + torch.linspace(-4, 9, rows).unsqueeze(1)
    expected = by_hand(net, inputs)
    for order in (torch.arange(rows), torch.arange(rows).flip(0), torch.randperm(rows, generator=generator)):
        measure_statistics(net, inputs[order].split(size))
        found = [net[1].running_mean, net[1].running_var, net[5].running_mean, net[5].running_var]
        for ours, exact in zip(found, expected, strict=True):
            assert torch.allclose(ours.double(), exact, rtol=1e-5, atol=1e-5)
    assert not net.training


def test_images_count_every_place_of_every_row() -> None:
    net = nn.Sequential(nn.BatchNorm2d(2))
    images = torch.rand(7, 2, 3, 5, generator=torch.Generator().manual_seed(0)) * torch.tensor(
        [1.0, 50.0]
    ).view(1, 2, 1, 1)
    measure_statistics(net, images.split(3))
    everything = images.double().transpose(0, 1).flatten(1)
    assert torch.allclose(net[0].running_mean.double(), everything.mean(1), rtol=1e-6)
    assert torch.allclose(net[0].running_var.double(), everything.var(1), rtol=1e-6)


def test_a_layer_that_is_not_in_use_keeps_its_statistics() -> None:
    class Half(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.idle = nn.BatchNorm1d(2), nn.BatchNorm1d(2)

        def forward(self, inputs: Tensor) -> Tensor:
            return self.used(inputs)

    net = Half()
    measure_statistics(net, [torch.ones(4, 2) * 5])
    assert torch.equal(net.used.running_mean, torch.full((2,), 5.0))
    assert torch.equal(net.idle.running_mean, torch.zeros(2))
