"""The layer table against counts by hand and against torch's own counter of operations."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from helpers.trainings import small
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dnnlab.assembly.network.per_layer import LayerChoice, LayerChoices, default_choice
from dnnlab.assembly.session import build
from dnnlab.commands.show.layers import LayerRow, layer_rows, totals
from dnnlab.config import load_mapping
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.registry import bind


def table(
    shape: tuple[int, ...] = (1, 8, 8), classes: int = 10, **changes
) -> tuple[dict[str, LayerRow], nn.Module]:
    """Rows by name and the net of a config on zeros of this shape."""
    rows = 4 * classes
    inputs = np.random.default_rng(0).normal(size=(rows, *shape)).astype(np.float32)
    raw = from_arrays(inputs, np.arange(rows) % classes)
    config = load_mapping(small(data={"name": "arrays", "limit": "none"}, **changes))
    built = build(config, raw)
    x = config.experiment
    choices = LayerChoices(default_choice(x), x.per_layer, built.session.table.own)
    net = built.session.table.net
    return {row.name: row for row in layer_rows(net, shape, choices)}, net


def counted_by_torch(net: nn.Module, shape: tuple[int, ...]) -> int:
    """Multiply-adds of one row; torch counts two operations for each."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net.eval()(torch.zeros(1, *shape))
    return counter.get_total_flops() // 2


def check_sums(rows: dict[str, LayerRow], net: nn.Module, shape: tuple[int, ...]) -> dict[str, int]:
    """The sums, which must be those of the net's own tensors and of torch's counter."""
    sums = totals(list(rows.values()))
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    everything = sum(p.numel() for p in net.parameters()) + sum(
        b.numel() for b in net.buffers() if b.is_floating_point()
    )
    assert (sums["trained"], sums["trained"] + sums["not_trained"]) == (trained, everything)
    assert sums["multiply_adds"] == counted_by_torch(net, shape)
    return sums


def test_the_book_s_mlp_with_batch_normalization_everywhere():
    rows, net = table(
        (784,),
        architecture={"name": "mlp", "hidden": [300, 100]},
        normalization={"name": "batch", "on_input": True},
    )
    assert list(rows) == ["input_normalization", "hidden1", "hidden2", "output"]
    assert rows["input_normalization"] == LayerRow("input_normalization", "batch norm", (784,), 1568, 1568, 0)
    # Batch normalization takes the place of the bias: 784 * 300 weights, 2 * 300 learned, 2 * 300 running
    # values.
    assert rows["hidden1"] == LayerRow(
        "hidden1", "dense 784->300, batch norm, relu", (300,), 235_800, 600, 235_200
    )
    assert rows["output"] == LayerRow("output", "dense 100->10", (10,), 1010, 0, 1000)
    assert check_sums(rows, net, (784,)) == {
        "trained": 268_578,
        "not_trained": 2368,
        "multiply_adds": 266_200,
    }


def test_a_plain_mlp_on_images():
    rows, net = table(architecture={"name": "mlp", "hidden": [16]}, regularizers={"dropout": 0.25})
    assert rows["flatten"].output == (64,) and rows["flatten"].what == "flatten"
    assert rows["hidden1"].what == "dense 64->16, relu, dropout 0.25"
    assert check_sums(rows, net, (1, 8, 8)) == {
        "trained": 64 * 16 + 16 + 16 * 10 + 10,
        "not_trained": 0,
        "multiply_adds": 64 * 16 + 160,
    }


@pytest.mark.parametrize(
    ("regularizers", "words"),
    [
        ({"gaussian_dropout": 0.2}, "gaussian_dropout 0.2"),  # its rate, not the deviation 0.5 that follows
        ({"alpha_dropout": 0.1}, "alpha_dropout 0.1"),
        ({"spatial_dropout": 0.4}, "spatial_dropout 0.4"),
    ],
)
def test_noise_is_shown_with_the_number_that_the_config_gives_it(regularizers, words):
    rows, _ = table(architecture={"name": "cnn", "blocks": [[4]]}, regularizers=regularizers)
    assert rows["conv1"].what == f"conv 3x3 1->4, relu, {words}"


def test_the_noise_of_a_denoising_autoencoder_has_a_line_of_its_own():
    rows, _ = table((8,), architecture={"name": "autoencoder", "hidden": [4, 2], "noise": 0.3})
    assert "gaussian noise 0.3" in [row.what for row in rows.values()]


def test_convolutions_count_kernel_channels_and_places():
    rows, net = table((3, 8, 8), architecture={"name": "cnn", "blocks": [[4], [8]], "hidden": [5]})
    assert rows["conv1"] == LayerRow(
        "conv1", "conv 3x3 3->4, relu", (4, 8, 8), 3 * 3 * 3 * 4 + 4, 0, 3 * 3 * 3 * 4 * 64
    )
    assert rows["conv2"] == LayerRow(
        "conv2", "conv 3x3 4->8, relu", (8, 4, 4), 3 * 3 * 4 * 8 + 8, 0, 3 * 3 * 4 * 8 * 16
    )
    assert rows["pool1"].what == "max pool 2x2" and rows["pool1"].output == (4, 4, 4)
    check_sums(rows, net, (3, 8, 8))


def test_strides_paddings_and_groups():
    for conv in (
        nn.Conv2d(4, 8, 3, stride=2, padding=1, groups=2),
        nn.Conv2d(4, 6, 5),
        nn.Conv2d(4, 4, 3, padding="same", dilation=2),
    ):
        rows = layer_rows(conv, (4, 9, 9), lambda name: pytest.fail("no layer of dnnlab's"))
        assert rows[0].multiply_adds == counted_by_torch(conv, (4, 9, 9))


def test_a_sequential_net_with_a_residual_block():
    block = {"name": "residual", "layers": [{"name": "conv", "channels": 6}, {"name": "conv", "channels": 6}]}
    layers = [
        {"name": "conv", "channels": 6, "kernel": 5, "stride": 2},
        block,
        "max_pool",
        "flatten",
        {"name": "dense", "units": 7},
    ]
    rows, net = table(architecture={"name": "sequential", "layers": layers})
    assert list(rows) == [
        "conv1",
        "block1.body.conv2",
        "block1.body.conv3",
        "block1",
        "pool1",
        "flatten1",
        "hidden1",
        "output",
    ]
    assert rows["conv1"].what == "conv 5x5 1->6, stride 2, padding 2, relu"
    assert rows["block1"] == LayerRow("block1", "sum with the block's input", (6, 4, 4), 0, 0, 0)
    check_sums(rows, net, (1, 8, 8))


def test_parts_that_stand_alone():
    block = {"name": "residual", "shortcut": "projection", "layers": [{"conv": {"channels": 6, "stride": 2}}]}
    alone = [
        "activation",
        {"normalization": "batch"},
        {"max_pool": {"kernel": 3, "stride": 1, "padding": 1}},
        {"dropout": 0.3},
    ]
    rows, net = table(
        architecture={"name": "sequential", "layers": [block, *alone, "global_average_pool"]},
        activation="prelu",
    )
    assert rows["block1.shortcut"] == LayerRow(
        "block1.shortcut", "conv 1x1 1->6, stride 2, padding 0", (6, 4, 4), 12, 0, 6 * 16
    )
    assert rows["block1"] == LayerRow("block1", "sum with the shortcut", (6, 4, 4), 0, 0, 0)
    assert rows["activation1"] == LayerRow("activation1", "prelu", (6, 4, 4), 1, 0, 0)
    assert rows["normalization1"] == LayerRow("normalization1", "batch norm", (6, 4, 4), 12, 12, 0)
    assert (
        rows["pool1"].what == "max pool 3x3, stride 1, padding 1" and rows["dropout1"].what == "dropout 0.3"
    )
    assert rows["pool2"] == LayerRow("pool2", "global average pool", (6,), 0, 0, 0)
    check_sums(rows, net, (1, 8, 8))


def test_resnet18_on_whole_images():
    rows, net = table((3, 224, 224), 3, architecture="resnet")
    assert rows["conv1"].what == "conv 7x7 3->64, stride 2, padding 3, batch norm, relu" and rows[
        "conv1"
    ].output == (64, 112, 112)
    assert rows["pool1"].what == "max pool 3x3, stride 2, padding 1" and rows["pool1"].output == (64, 56, 56)
    shortcut = LayerRow(
        "block3.shortcut",
        "conv 1x1 64->128, stride 2, padding 0, batch norm",
        (128, 28, 28),
        8448,
        256,
        8192 * 784,
    )
    assert rows["block3.shortcut"] == shortcut
    assert rows["block3"] == LayerRow("block3", "sum with the shortcut, relu", (128, 28, 28), 0, 0, 0)
    sums = check_sums(rows, net, (3, 224, 224))
    # Published: 1.814 thousand million multiply-adds and 11,689,512 numbers for 1000 classes.
    assert sums["multiply_adds"] + 997 * 512 == 1_814_073_344 and sums["trained"] + 997 * 513 == 11_689_512


def test_a_cifar_resnet_has_shortcuts_of_zeros():
    rows, net = table((3, 32, 32), architecture={"name": "resnet", "form": "cifar", "depth": 20})
    assert rows["block4.shortcut"] == LayerRow(
        "block4.shortcut", "stride 2, zeros up to 32 channels", (32, 16, 16), 0, 0, 0
    )
    # Two vectors a normalized layer are running values; the paper's 0.27 million are trained.
    assert check_sums(rows, net, (3, 32, 32)) == {
        "trained": 269_722,
        "not_trained": 2 * 688,
        "multiply_adds": 40_551_040,
    }


def test_an_activation_behind_a_sum_counts_with_its_block():
    rows, net = table(
        architecture={"name": "resnet", "form": "cifar", "depth": 8, "width": 2}, activation="prelu"
    )
    assert rows["block1"] == LayerRow("block1", "sum with the block's input, prelu", (2, 8, 8), 1, 0, 0)
    check_sums(rows, net, (1, 8, 8))


def test_a_tied_weight_counts_once():
    rows, net = table(architecture={"name": "autoencoder", "hidden": [16, 4], "tied": True}, metrics="auto")
    assert rows["hidden3"] == LayerRow("hidden3", "dense 4->16, weight of hidden2, relu", (16,), 16, 0, 64)
    assert rows["output"] == LayerRow("output", "dense 16->64, weight of hidden1", (64,), 64, 0, 1024)
    assert check_sums(rows, net, (1, 8, 8))["trained"] == 64 * 16 + 16 + 16 * 4 + 4 + 16 + 64


def test_maxout_makes_its_layer_wider():
    rows, net = table(
        architecture={"name": "mlp", "hidden": [16]}, activation={"name": "maxout", "pieces": 3}
    )
    assert rows["hidden1"] == LayerRow("hidden1", "dense 64->48, maxout", (16,), 64 * 48 + 48, 0, 64 * 48)
    check_sums(rows, net, (1, 8, 8))


def test_weight_normalization_learns_a_gain_a_unit():
    rows, net = table(
        architecture={"name": "mlp", "hidden": [16]},
        normalization="weight",
        regularizers={"dropconnect": 0.5},
    )
    assert rows["hidden1"] == LayerRow(
        "hidden1", "dense 64->16, weight norm, dropconnect 0.5, relu", (16,), 64 * 16 + 16 + 16, 0, 1024
    )
    check_sums(rows, net, (1, 8, 8))


def test_prelu_and_frozen_layers():
    rows, net = table(
        architecture={"name": "mlp", "hidden": [16]},
        activation="prelu",
        per_layer={"hidden1": {"frozen": True}},
    )
    assert (rows["hidden1"].trained, rows["hidden1"].not_trained) == (0, 64 * 16 + 16 + 1)
    check_sums(rows, net, (1, 8, 8))


def test_settings_of_a_layer_are_shown():
    rows, _ = table(
        architecture={"name": "mlp", "hidden": [16, 8]},
        activation="identity",
        normalization="layer",
        per_layer={"hidden2": {"activation": "tanh", "normalization": "none"}},
    )
    assert rows["hidden1"].what == "dense 64->16, layer norm"
    assert rows["hidden2"].what == "dense 16->8, tanh"


def test_looking_leaves_the_net_as_it_is():
    _, net = table(normalization={"name": "batch", "on_input": True}, regularizers={"dropout": 0.5})
    net.train()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    state = torch.get_rng_state()
    layer_rows(
        net,
        (1, 8, 8),
        lambda name: LayerChoice(bind("activation", "relu"), None, bind("normalization", "batch")),
    )
    assert all(module.training for module in net.modules())
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(module._forward_hooks for module in net.modules())


class Strange(nn.Module):
    """Parameters of its own beside children; one child works twice, one never."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))
        self.twice, self.never = nn.Linear(3, 3), nn.Linear(3, 5)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.twice(self.twice(inputs)) * self.scale


def test_modules_that_dnnlab_did_not_make():
    rows = {
        row.name: row for row in layer_rows(Strange(), (3,), lambda name: pytest.fail("no layer of dnnlab's"))
    }
    assert rows["twice"] == LayerRow("twice", "linear", (3,), 12, 0, 18)
    assert rows["never"] == LayerRow("never", "linear", (), 20, 0, 0)
    assert rows["Strange"] == LayerRow("Strange", "strange", (3,), 3, 0, 0)
