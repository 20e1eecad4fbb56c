"""The published nets: their sizes, and their outputs beside torchvision's and beside nets written out with
torch.nn, in float64.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from helpers.named_weights import images, numbers
from helpers.seeded_nets import filled_net, sizes, table_of
from torch import Tensor, nn

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "architectures.json").read_text())
CIFAR = {"name": "resnet", "form": "cifar"}
VGG = {"name": "vgg", "hidden": [4096, 4096]}


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
def test_resnets_have_torchvisions_size(depth: int) -> None:
    assert (
        sum(sizes((3, 32, 32), 1000, architecture={"name": "resnet", "depth": depth}).values())
        == GOLDEN["parameters"][f"resnet{depth}"]
    )


def test_resnet18_for_ten_classes_has_the_published_11_2_million() -> None:
    assert (
        sum(sizes((3, 64, 64), architecture="resnet").values())
        == GOLDEN["parameters"]["resnet18_10"]
        == 11_181_642
    )


@pytest.mark.parametrize("depth", [11, 13, 16, 19])
def test_vggs_have_torchvisions_size(depth: int) -> None:
    found = sizes((3, 32, 32), 1000, architecture={**VGG, "depth": depth})
    # 32x32 leaves one place for the first dense layer where 224x224 leaves 49.
    assert sum(found.values()) + 48 * 512 * 4096 == GOLDEN["parameters"][f"vgg{depth}"]


def test_vgg_with_batch_normalization_lacks_the_biases_that_it_cancels() -> None:
    found = sizes((3, 32, 32), 1000, architecture=VGG, normalization="batch")
    biases_of_convolutions, biases_of_dense = (
        4224,
        2 * 4096,
    )  # torchvision keeps these; it does not normalize the dense layers
    scales = 2 * 2 * 4096
    assert (
        sum(found.values()) + 48 * 512 * 4096 + biases_of_convolutions + biases_of_dense - scales
        == GOLDEN["parameters"]["vgg16_bn"]
    )


@pytest.mark.slow
def test_vgg16_on_whole_images() -> None:
    assert (
        sum(sizes((3, 224, 224), 1000, architecture="vgg").values())
        == GOLDEN["parameters"]["vgg16"]
        == 138_357_544
    )


@pytest.mark.parametrize(
    ("depth", "shortcut", "count"),
    # The paper's 0.27, 0.46, 0.66, 0.85 and 1.7 million (table 6), zeros as shortcuts; 272,474 with
    # projections.
    [
        (20, "auto", 269_722),
        (32, "auto", 464_154),
        (44, "auto", 658_586),
        (56, "padding", 853_018),
        (110, "auto", 1_727_962),
        (20, "projection", 272_474),
    ],
)
def test_resnets_of_the_cifar_form(depth: int, shortcut: str, count: int) -> None:
    assert (
        sum(sizes((3, 32, 32), architecture={**CIFAR, "depth": depth, "shortcut": shortcut}).values())
        == count
    )


@pytest.mark.parametrize("side", [28, 32])
def test_lenet5_has_the_papers_61_706_numbers(side: int) -> None:
    # 156 + 2,416 in the convolutions (all maps connected), 48,120 + 10,164 + 850 behind them.
    assert sum(sizes((1, side, side), architecture="lenet5").values()) == 61_706


def test_resnets_that_need_no_normalization() -> None:
    architecture = {**CIFAR, "depth": 8, "normalization": "none"}
    assert not [n for n in sizes((3, 32, 32), architecture=architecture) if "normalization" in n]
    assert "block1.body.conv1.bias" in sizes((3, 32, 32), architecture=architecture)


def test_the_configs_normalization_goes_before_the_architectures_own() -> None:
    net = table_of((3, 32, 32), architecture={**CIFAR, "depth": 8}, normalization="layer").net
    assert net is not None
    kinds = {type(m).__name__ for name, m in net.named_modules() if name.endswith("normalization")}
    assert kinds == {"GroupNormalization"}


def assert_answers(net: nn.Module, inputs: Tensor, weight: str, golden: dict[str, Any]) -> None:
    evaluated = net.eval()(inputs)
    trained = net.train()(inputs)
    trained.square().mean().backward()
    for found, expected in ((evaluated, golden["evaluation"]), (trained, golden["training"])):
        torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64), rtol=1e-9, atol=1e-9)
    gradient = net.get_parameter(weight).grad
    assert gradient is not None and gradient.norm().item() == pytest.approx(golden["gradient_norm"], rel=1e-9)


@pytest.mark.parametrize("depth", GOLDEN["resnet"])
def test_resnets_answer_as_torchvisions(depth: str) -> None:
    net = filled_net((3, 40, 40), architecture={"name": "resnet", "depth": int(depth)})
    assert_answers(net, images(2, (3, 40, 40)), "conv1.weight", GOLDEN["resnet"][depth])


def test_vgg11_answers_as_torchvisions() -> None:
    net = filled_net((3, 32, 32), architecture={"name": "vgg", "depth": 11, "hidden": []})
    assert_answers(net, images(2, (3, 32, 32)), "conv1.weight", GOLDEN["vgg11"])


def convolution(x: Tensor, name: str, shape: tuple[int, ...], stride: int = 1) -> Tensor:
    """A convolution and the batch normalization behind it in evaluation, from the numbers of their names."""
    x = F.conv2d(x, numbers(f"{name}.weight", shape), stride=stride, padding=shape[-1] // 2)
    of = {
        key: numbers(f"{name}.normalization.{key}", shape[:1])
        for key in ("running_mean", "running_var", "weight", "bias")
    }
    return F.batch_norm(x, of["running_mean"], of["running_var"], of["weight"], of["bias"], eps=1e-5)


def test_a_cifar_resnet_is_the_papers_formula() -> None:
    inputs = images(2, (3, 9, 9))
    x, before = convolution(inputs, "conv1", (4, 3, 3, 3)).relu(), 4
    for number, channels in enumerate((4, 8, 16), 1):
        stride, name = 1 if number == 1 else 2, f"block{number}"
        y = convolution(x, f"{name}.body.conv1", (channels, before, 3, 3), stride).relu()
        y = convolution(y, f"{name}.body.conv2", (channels, channels, 3, 3))
        zeros = torch.zeros(2, channels - before, *y.shape[2:], dtype=torch.float64)
        x, before = (y + torch.cat([x[:, :, ::stride, ::stride], zeros], 1)).relu(), channels
    expected = x.mean((2, 3)) @ numbers("output.weight", (10, 16)).t() + numbers("output.bias", (10,))
    net = filled_net((3, 9, 9), architecture={**CIFAR, "depth": 8, "width": 4}).eval()
    torch.testing.assert_close(net(inputs), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("form", "pool"), [("average", nn.AvgPool2d), ("max", nn.MaxPool2d)])
def test_lenet5_is_a_sequence_of_torchs_modules(form: str, pool: type[nn.Module]) -> None:
    convolutions = [
        nn.Conv2d(1, 6, 5, padding=2),
        nn.Tanh(),
        pool(2),
        nn.Conv2d(6, 16, 5),
        nn.Tanh(),
        pool(2),
    ]
    dense = [nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10)]
    same = nn.Sequential(*convolutions, nn.Flatten(), *dense).double()
    net = filled_net((1, 28, 28), architecture={"name": "lenet5", "pool": form}, activation="tanh").eval()
    same.load_state_dict(dict(zip(same.state_dict(), net.state_dict().values(), strict=True)))
    torch.testing.assert_close(net(images(2, (1, 28, 28))), same(images(2, (1, 28, 28))))


def test_the_two_block_cnn_is_a_sequence_of_torchs_modules() -> None:
    def block(i: int, o: int) -> list[nn.Module]:
        return [nn.Conv2d(i, o, 5, padding=2, bias=False), nn.BatchNorm2d(o), nn.LeakyReLU(0.01)]

    first, second = (
        [*block(3, 16), *block(16, 16), nn.MaxPool2d(2)],
        [*block(16, 32), *block(32, 32), nn.MaxPool2d(2)],
    )
    same = nn.Sequential(*first, *second, nn.Flatten(), nn.Linear(32 * 8 * 8, 10)).double()
    architecture = {"name": "cnn", "blocks": [[16, 16], [32, 32]], "kernel": 5}
    net = filled_net((3, 32, 32), architecture=architecture, activation="leaky_relu", normalization="batch")
    same.load_state_dict(dict(zip(same.state_dict(), net.state_dict().values(), strict=True)))
    for module in (net, same):
        module.train()
    torch.testing.assert_close(net(images(4, (3, 32, 32))), same(images(4, (3, 32, 32))))


@pytest.mark.parametrize("tied", [False, True])
def test_an_autoencoder_is_encoder_and_mirror(tied: bool) -> None:
    shape = (1, 3, 3)
    net = filled_net(
        shape, 9, architecture={"name": "autoencoder", "hidden": [6, 2], "tied": tied}, activation="tanh"
    )
    x = images(3, shape).flatten(1)
    w1, w2 = numbers("hidden1.weight", (6, 9)), numbers("hidden2.weight", (2, 6))
    w3, w4 = (
        (w2.t(), w1.t()) if tied else (numbers("hidden3.weight", (6, 2)), numbers("output.weight", (9, 6)))
    )
    for weight, name in ((w1, "hidden1"), (w2, "hidden2"), (w3, "hidden3"), (w4, "output")):
        x = x @ weight.t() + numbers(f"{name}.bias", (len(weight),))
        x = x if name == "output" else x.tanh()
    torch.testing.assert_close(net.eval()(images(3, shape)), x)
