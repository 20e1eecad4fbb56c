"""Writes architectures.json: torchvision's nets, their sizes and what they answer where dnnlab's names say
what every tensor holds.

Run with torchvision installed: `PYTHONPATH=tests python tests/golden/make_architectures.py`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import torch
import torchvision
from helpers.named_weights import fill, images
from torch import nn
from torchvision import models

LARGE = (
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "vgg11",
    "vgg13",
    "vgg16",
    "vgg19",
    "vgg16_bn",
)


def name_of(blocks: dict[str, int]) -> Any:
    """dnnlab's name of a tensor of torchvision's resnet; blocks: how many stand before each stage."""

    def named(name: str) -> str:
        name = re.sub(r"^layer(\d)\.(\d+)\.", lambda m: f"block{blocks[m[1]] + int(m[2]) + 1}.body.", name)
        name = name.replace("body.downsample.0.", "shortcut.").replace(
            "body.downsample.1.", "shortcut.normalization."
        )
        return re.sub(r"\bbn(\d)\.", r"conv\1.normalization.", name).replace("fc.", "output.")

    return named


def answers(net: nn.Module, inputs: torch.Tensor, weight: torch.Tensor) -> dict[str, Any]:
    """Outputs in evaluation and in training, and the size of one weight's gradient of the mean square of the
    latter.
    """
    evaluated = net.eval()(inputs)
    trained = net.train()(inputs)
    (gradient,) = torch.autograd.grad(trained.square().mean(), weight)
    return {
        "evaluation": evaluated.tolist(),
        "training": trained.tolist(),
        "gradient_norm": gradient.norm().item(),
    }


def vgg(depth: int) -> nn.Module:
    """The convolutions of torchvision's vgg on 32x32, one linear layer behind them."""
    features = getattr(models, f"vgg{depth}")().features
    convolutions = [i for i, module in enumerate(features) if isinstance(module, nn.Conv2d)]
    names = {f"0.{index}": f"conv{number}" for number, index in enumerate(convolutions, 1)} | {"2": "output"}
    net = nn.Sequential(features, nn.Flatten(), nn.Linear(512, 10))
    return fill(net, lambda name: names[name.rpartition(".")[0]] + "." + name.rpartition(".")[2])


def main() -> None:
    torch.set_num_threads(1)
    resnets = {}
    for depth, stages in {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}.items():
        before = {str(stage + 1): sum(stages[:stage]) for stage in range(4)}
        net = fill(getattr(models, f"resnet{depth}")(num_classes=10), name_of(before))
        resnets[str(depth)] = answers(net, images(2, (3, 40, 40)), net.conv1.weight)
    net = vgg(11)
    with torch.device("meta"):
        sizes = {name: sum(p.numel() for p in getattr(models, name)().parameters()) for name in LARGE}
        small = sum(p.numel() for p in models.resnet18(num_classes=10).parameters())
    result = {
        "made_by": f"torchvision {torchvision.__version__}, torch {torch.__version__}",
        "parameters": {**sizes, "resnet18_10": small},
        "resnet": resnets,
        "vgg11": answers(net, images(2, (3, 32, 32)), net[0][0].weight),
    }
    Path(__file__).with_name("architectures.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
