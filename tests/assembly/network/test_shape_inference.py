"""The torch-free outline of a net against the net itself, and a static check that loads no torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.seeded_nets import table_of

from dnnlab.assembly.network.per_layer import all_regularizers
from dnnlab.assembly.network.shape_inference import outline_net
from dnnlab.config import load_mapping
from dnnlab.errors import ConfigError

CONFIGS = Path(__file__).parents[3] / "configs"
LAYERS = [
    {"name": "conv", "channels": 6, "stride": 2},
    {"name": "residual", "layers": [{"name": "conv", "channels": 6}, "normalization"]},
    {"name": "residual", "layers": [{"name": "conv", "channels": 8, "stride": 2}], "shortcut": "projection"},
    {"name": "average_pool", "kernel": 3, "stride": 2},
    "activation",
    "flatten",
    "dropout",
    {"name": "dense", "units": 9},
]
FRACTIONAL = {"regularizers": {"fractional_max_pool": 1.3}}
NETS: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "mlp": ({"architecture": {"name": "mlp", "hidden": [30, 20]}, "normalization": "batch"}, (1, 8, 8)),
    "maxout": (
        {"architecture": {"name": "mlp", "hidden": [30, 20]}, "activation": {"name": "maxout", "pieces": 3}},
        (7,),
    ),
    "autoencoder": ({"architecture": {"name": "autoencoder", "hidden": [9, 4], "tied": True}}, (12,)),
    "cnn": ({"architecture": {"name": "cnn", "blocks": [[4, 5], [6]], "hidden": [7]}}, (3, 17, 12)),
    "lenet5": ({"architecture": "lenet5"}, (1, 28, 28)),
    "vgg": ({"architecture": {"name": "vgg", "depth": 11, "width": 4, "stages": 3}}, (3, 32, 32)),
    "resnet": ({"architecture": {"name": "resnet", "depth": 18, "width": 4}}, (3, 40, 33)),
    "bottleneck": ({"architecture": {"name": "resnet", "depth": 50, "width": 4}}, (3, 64, 64)),
    "cifar resnet": (
        {"architecture": {"name": "resnet", "form": "cifar", "depth": 14, "width": 4}},
        (3, 32, 32),
    ),
    "sequential": ({"architecture": {"name": "sequential", "layers": LAYERS}}, (2, 29, 31)),
    "averages stay": (
        {"architecture": {"name": "sequential", "layers": ["max_pool", *LAYERS]}, **FRACTIONAL},
        (2, 29, 31),
    ),
    "fractional pooling": (
        {"architecture": {"name": "cnn"}, "regularizers": {"fractional_max_pool": 1.3}},
        (1, 28, 28),
    ),
}


@pytest.mark.parametrize("name", NETS)
def test_an_outline_is_the_net(name: str) -> None:
    config, shape = NETS[name]
    x = load_mapping({"data": "digits", **config}).experiment
    outputs = 12 if name == "autoencoder" else 10
    table = table_of(shape, outputs, **config)
    weights = table.of_role("weight")
    found = outline_net(x, all_regularizers(x), shape, outputs)
    assert found.weights == sum(e.parameter.numel() for e in weights)
    assert [layer for layer in found.layers if layer in {e.layer for e in weights}] == [
        e.layer for e in weights
    ]


@pytest.mark.parametrize(
    ("config", "shape"),
    [
        ({"architecture": {"name": "vgg", "depth": 11}}, (1, 8, 8)),
        ({"architecture": "cnn"}, (7,)),
        ({"architecture": "cnn", "normalization": {"name": "group", "groups": 5}}, (1, 8, 8)),
        (
            {"architecture": {"name": "sequential", "layers": [{"name": "conv", "kernel": 9, "padding": 0}]}},
            (1, 8, 8),
        ),
        ({"per_layer": {"hidden7": {"dropout": 0.1}}}, (7,)),
        ({"per_layer": {"output": {"activation": "relu"}}}, (7,)),
        ({"regularizers": {"dropout": {"rate": 0.2, "layers": "conv.*"}}}, (7,)),
        ({"regularizers": {"stochastic_depth": 0.2}}, (7,)),
        ({"regularizers": {"spatial_dropout": 0.2}}, (7,)),
        ({"architecture": "cnn", "regularizers": {"fractional_max_pool": 1.9}}, (1, 28, 28)),
        ({"architecture": {"name": "mlp", "hidden": []}, "activation": "tanh"}, (7,)),
        ({"architecture": {"name": "mlp", "hidden": [64, 50]}, "normalization": "group"}, (7,)),
        ({"regularizers": {"dropout": {"rate": 0.2, "layers": "output"}}}, (7,)),
        (
            {
                "architecture": "cnn",
                "regularizers": {"spatial_dropout": {"layers": "hidden1"}},
                "per_layer": {},
            },
            (1, 28, 28),
        ),
        ({"architecture": "lenet5", "regularizers": {"fractional_max_pool": 1.4}}, (1, 28, 28)),
        ({"regularizers": {"max_norm": 1.0, "unit_norm": True}}, (7,)),
        ({"normalization": "weight", "regularizers": {"l1": 0.1}}, (7,)),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_outline_refuses_what_the_build_refuses_in_the_same_words(
    config: dict[str, Any], shape: tuple[int, ...]
) -> None:
    x = load_mapping({"data": "digits", **config}).experiment
    with pytest.raises(ConfigError) as built:
        table_of(shape, 10, **config)
    with pytest.raises(ConfigError) as outlined:
        outline_net(x, all_regularizers(x), shape, 10)
    assert outlined.value.problems == built.value.problems


LOOK = """
import sys
from pathlib import Path
from dnnlab.commands.check.check import static_checks
for path in sys.argv[1:]:
    found = list(static_checks(path, [], Path("runs")))
    assert all(check.passed for check in found), (path, found)
print("torch" in sys.modules)
"""


def test_static_checks_of_the_shipped_examples_load_no_torch() -> None:
    names = [
        str(path) for path in sorted(CONFIGS.glob("*.yaml")) if not path.stem.startswith(("mnist", "cifar"))
    ]
    done = subprocess.run([sys.executable, "-c", LOOK, *names], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("False", "")


def test_a_part_that_makes_its_own_modules_is_built_for_real(tmp_path: Path) -> None:
    from dnnlab.commands.check.check import static_checks

    (tmp_path / "own.py").write_text(PLUGIN)
    (tmp_path / "x.yaml").write_text("plugins: [own.py]\ndata: digits\narchitecture: {name: zz_own}\n")
    shapes = {check.name: check for check in static_checks(tmp_path / "x.yaml", [], tmp_path)}["shapes"]
    assert shapes.passed is True
    assert "1x8x8 to 10; 1 layer with 640 weights" in shapes.measured


PLUGIN = '''
from dnnlab.registry import part

@part("architecture", source="a test")
def zz_own(in_shape, outputs, make):
    """Flattened by a module of its own."""
    from torch import nn
    return make.chain({"flat": nn.Flatten(), "output": make.dense("output", 64, outputs, output=True)})
'''
