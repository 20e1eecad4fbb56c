"""Residual blocks: their places, their shortcuts, what stands behind the sum."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from helpers.named_weights import fill, images, numbers
from helpers.seeded_nets import table_of

from dnnlab.assembly.network.make import Make
from dnnlab.assembly.network.per_layer import LayerChoices, default_choice
from dnnlab.config import load_mapping
from dnnlab.nn.batch import Task
from dnnlab.nn.layers.residual import PaddedShortcut
from dnnlab.nn.parameter_table import ParameterTable

CONV = {"name": "conv", "channels": 3}
BLOCK = {"name": "residual", "layers": [CONV]}


class Branches:
    """A regularizer that writes down which blocks it is asked about."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, int]] = []

    def on_branch(self, name: str, index: int, count: int) -> None:
        self.seen.append((name, index, count))


def places(architecture: dict[str, Any]) -> list[tuple[str, int, int]]:
    x = load_mapping({"data": "digits", "architecture": architecture}).experiment
    table, branches = ParameterTable(Task("index", 10, 10)), Branches()
    x.architecture(
        (3, 32, 32), 10, Make(LayerChoices(default_choice(x), {}, table.own), table, {"branches": branches})
    )
    return branches.seen


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        ({"name": "resnet"}, [(f"block{i}", i, 8) for i in range(1, 9)]),
        ({"name": "resnet", "depth": 14, "form": "cifar"}, [(f"block{i}", i, 6) for i in range(1, 7)]),
        (
            {"name": "sequential", "layers": [BLOCK, CONV, BLOCK, BLOCK]},
            [("block1", 1, 3), ("block2", 2, 3), ("block3", 3, 3)],
        ),
        (
            {"name": "sequential", "layers": [{"name": "residual", "layers": [BLOCK, CONV]}, BLOCK]},
            [("block1.body.block2", 2, 3), ("block1", 1, 3), ("block3", 3, 3)],
        ),
    ],
    ids=["imagenet", "cifar", "row", "nested"],
)
def test_a_block_is_told_its_place_and_how_many_there_are(
    architecture: dict[str, Any], expected: list[tuple[str, int, int]]
) -> None:
    assert places(architecture) == expected


def block_of(layer: dict[str, Any], shape: tuple[int, ...] = (3, 9, 9), **config: Any) -> Any:
    net = table_of(shape, architecture={"name": "sequential", "layers": [layer]}, **config).net
    assert net is not None
    return fill(net).eval().get_submodule("block1")


def test_a_projection_is_a_linear_map_with_the_configs_normalization() -> None:
    layers = [{"name": "conv", "channels": 6, "stride": 2}]
    block = block_of({"name": "residual", "layers": layers, "shortcut": "projection"}, normalization="batch")
    x = images(2, (3, 9, 9))
    name = "block1.shortcut"
    way = torch.nn.functional.conv2d(x, numbers(f"{name}.weight", (6, 3, 1, 1)), stride=2)
    of = {
        key: numbers(f"{name}.normalization.{key}", (6,))[:, None, None]
        for key in ("running_mean", "running_var", "weight", "bias")
    }
    way = (way - of["running_mean"]) / (of["running_var"] + 1e-5).sqrt() * of["weight"] + of["bias"]
    torch.testing.assert_close(block(x), block.body(x) + way)


def test_rows_are_projected_by_a_dense_layer() -> None:
    layer = {"name": "residual", "layers": [{"name": "dense", "units": 4}], "shortcut": "projection"}
    x = images(5, (7,))
    way = x @ numbers("block1.shortcut.weight", (4, 7)).t() + numbers("block1.shortcut.bias", (4,))
    block = block_of(layer, (7,))
    torch.testing.assert_close(block(x), block.body(x) + way)


@pytest.mark.parametrize(("side", "stride"), [(8, 1), (8, 2), (7, 2), (7, 3)])
def test_a_padded_shortcut_is_a_projection_with_ones(side: int, stride: int) -> None:
    x = images(2, (3, side, side))
    ones = torch.eye(5, 3, dtype=torch.float64)[:, :, None, None]
    torch.testing.assert_close(
        PaddedShortcut(5, stride)(x), torch.nn.functional.conv2d(x, ones, stride=stride)
    )


def test_the_activation_behind_a_sum_can_be_chosen_by_the_blocks_name() -> None:
    architecture = {"name": "resnet", "form": "cifar", "depth": 8, "width": 2}
    net = table_of((1, 8, 8), architecture=architecture, per_layer={"block2": {"activation": "elu"}}).net
    assert net is not None
    found = {
        name: type(m).__name__
        for name, m in net.named_modules()
        if name.endswith("activation") and name.count(".") == 1
    }
    assert found == {
        "conv1.activation": "ReLU",
        "block1.activation": "ReLU",
        "block2.activation": "ELU",
        "block3.activation": "ReLU",
    }


def test_a_block_after_which_nothing_follows_keeps_the_sum() -> None:
    layer = {"name": "residual", "layers": [{"name": "conv", "channels": 3}]}
    x = images(2, (3, 9, 9))
    assert torch.equal(block_of(layer)(x), block_of(layer).body(x) + x)
