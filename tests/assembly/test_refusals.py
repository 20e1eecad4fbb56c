"""What cannot be built: each with one clear message that names the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.trainings import built, small, write

from dnnlab.assembly.session import build
from dnnlab.config import load
from dnnlab.errors import ConfigError

IMAGES = {"name": "digits", "limit": 100}
MOONS = {"name": "moons", "samples": 100}
SEQUENCE: dict[str, Any] = {"name": "sequential"}


def refused(**changes: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        built(**changes)
    return str(caught.value)


def layers(*items: Any) -> dict[str, Any]:
    return {**SEQUENCE, "layers": list(items)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"data": MOONS, "architecture": {"name": "cnn"}},
            "architecture: conv1 got an input of 2; expected images",
        ),
        (
            {"architecture": {"name": "cnn", "blocks": [[4], [4], [4], [4]]}},
            (
                "architecture: pool4: a window of 2x2 does not fit an input of 4x1x1; expected at most "
                "1; fewer poolings"
            ),
        ),
        (
            {"architecture": layers({"name": "conv", "kernel": 9, "padding": "valid"})},
            (
                "architecture.layers.0: conv1: a window of 9x9 does not fit an input of 1x8x8; "
                "expected at most 8; fewer poolings, a smaller"
            ),
        ),
        (
            {"architecture": layers({"name": "dense", "units": 4})},
            (
                "architecture.layers.0: hidden1 got an input of 1x8x8; expected a flat input; put "
                "`flatten` before it"
            ),
        ),
        (
            {"architecture": layers({"normalization": {"part": {"name": "batch", "on_input": True}}})},
            "architecture.layers.0.part.on_input: normalization1 stands alone: it normalizes what "
            "comes before it, so on_input cannot act; "
            "expected no on_input; remove on_input",
        ),
        (
            {"architecture": layers("flatten", "max_pool")},
            "architecture.layers.1: pool1 got an input of 64; expected images",
        ),
        (
            {"architecture": layers({"name": "residual", "layers": [{"name": "conv", "channels": 3}]})},
            "architecture.layers.0.layers: block1 turns 1x8x8 into 3x8x8; expected layers that "
            "keep 1x8x8; same channels, stride 1; or "
            "shortcut: projection",
        ),
        (
            {
                "architecture": layers(
                    {"residual": {"layers": ["activation", {"conv": {"kernel": 9, "padding": "valid"}}]}}
                )
            },
            (
                "architecture.layers.0.layers.1: block1.body.conv1: a window of 9x9 does not fit an "
                "input of 1x8x8"
            ),
        ),
        (
            {
                "architecture": layers(
                    {"residual": {"layers": ["global_average_pool"], "shortcut": "projection"}}
                )
            },
            (
                "architecture.layers.0.layers: block1.shortcut: no stride of a 1x1 convolution turns "
                "1x8x8 into 1; expected one; layers with"
            ),
        ),
        (
            {
                "architecture": layers(
                    {"residual": {"layers": [{"conv": {"padding": "valid"}}], "shortcut": "projection"}}
                )
            },
            (
                "architecture.layers.0.layers: block1.shortcut: no stride of a 1x1 convolution turns "
                "1x8x8 into 16x6x6"
            ),
        ),
        (
            {"architecture": layers("max_pool", "average_pool", "max_pool", "max_pool")},
            (
                "architecture.layers.3: pool4: a window of 2x2 does not fit an input of 1x1x1; "
                "expected at most 1; fewer poolings"
            ),
        ),
        (
            {"architecture": layers({"max_pool": {"kernel": 2, "padding": 2}})},
            "architecture.layers.0.padding: a padding of 2 is more than half of the kernel 2: some "
            "windows would see nothing else; "
            "expected at most 1; padding: 1",
        ),
        (
            {"architecture": layers("flatten", "global_average_pool")},
            "architecture.layers.1: pool1 got an input of 64; expected images",
        ),
        (
            {"architecture": layers({"max_pool": {"kernel": 8}}, {"normalization": "layer"})},
            "architecture.layers.1: normalization1 cannot work on an input of 1x1x1: a group of one number",
        ),
        (
            {"architecture": {"name": "autoencoder", "hidden": []}},
            (
                "architecture.hidden: an autoencoder without a code; expected at least one hidden "
                "layer; hidden: [100, 30]"
            ),
        ),
        (
            {"architecture": {"name": "cnn"}, "regularizers": {"fractional_max_pool": 1.8}},
            (
                "regularizers.fractional_max_pool.ratio: ratio 1.8 halves the sides at every pooling "
                "(8x8, 4x4), so nothing is drawn"
            ),
        ),
        (
            {"architecture": layers()},
            "architecture.layers: a list without layers; expected at least one; layers: [dense]",
        ),
        (
            {"architecture": layers({"residual": {"layers": []}})},
            "architecture.layers.0.layers: a list without layers; expected at least one",
        ),
        (
            {"architecture": layers({"normalization": "weight"})},
            "architecture.layers.0.part: weight normalizes a layer's weight, and normalization1 "
            "has none; expected a normalization such "
            "as batch; write `normalization: weight` with a layer",
        ),
        (
            {"architecture": layers({"activation": "maxout"})},
            (
                "architecture.layers.0.part: activation1 stands alone, and maxout needs a wider layer "
                "before it; expected another activation"
            ),
        ),
        (
            {"architecture": layers("activation"), "activation": "maxout"},
            "activation: activation1 stands alone, and maxout needs a wider layer before it",
        ),
        (
            {"architecture": {"name": "resnet", "form": "cifar", "depth": 8}, "activation": "maxout"},
            "activation: block1 stands alone, and maxout needs a wider layer before it",
        ),
        (
            {"architecture": {"name": "resnet", "form": "cifar", "depth": 18}},
            (
                "architecture.depth: the cifar form has no depth 18; expected 6n + 2: 8, 14, 20, 32, "
                "44, 56, 110; depth: 20, or form: imagenet"
            ),
        ),
        (
            {"architecture": {"name": "resnet", "depth": 20}},
            (
                "architecture.depth: the imagenet form has no depth 20; expected 18, 34, 50, 101, 152; "
                "depth: 18, or form: cifar"
            ),
        ),
        (
            {"architecture": {"name": "resnet"}, "data": MOONS},
            "architecture: conv1 got an input of 2; expected images",
        ),
        (
            {"architecture": {"name": "vgg", "depth": 11}},
            (
                "architecture.stages: pool4: images of 1x8x8 are 1 wide or high after 3 poolings; "
                "expected at most 3 stages; stages: 3"
            ),
        ),
        ({"architecture": "vgg", "data": MOONS}, "architecture: conv1 got an input of 2; expected images"),
        (
            {"architecture": "lenet5"},
            (
                "architecture: lenet5: conv2 does not fit images of 1x8x8; expected 12x12 or more; "
                "architecture: cnn"
            ),
        ),
        ({"architecture": "lenet5", "data": MOONS}, "architecture: conv1 got an input of 2; expected images"),
        (
            {"architecture": {"name": "cnn", "blocks": []}},
            "architecture.blocks: an empty list; expected blocks of convolutions; blocks: [[",
        ),
        (
            {"architecture": {"name": "cnn", "blocks": [[4], []]}},
            "architecture.blocks.1: an empty list; expected filters of its convolutions",
        ),
        (
            {"architecture": {"name": "autoencoder", "hidden": [8, 4], "tied": True}, "activation": "maxout"},
            "architecture.tied: hidden3 cannot be tied: its activation needs a wider layer",
        ),
        (
            {"architecture": {"hidden": [1]}, "normalization": "layer"},
            "normalization: hidden1: a layer of one unit; two units or more (one number minus its "
            "own mean is always 0); "
            "write normalization: none for this layer",
        ),
        (
            {"architecture": {"hidden": [4, 1]}, "per_layer": {"hidden2": {"normalization": "layer"}}},
            'per_layer."hidden2".normalization: hidden2: a layer of one unit',
        ),
    ],
)
def test_impossible_shapes_name_the_layer(changes: dict[str, Any], said: str) -> None:
    assert refused(**changes).startswith(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"architecture": {"hidden": []}, "regularizers": {"dropout": 0.5}},
            "regularizers.dropout: dropout finds no place to act in this net (mlp)",
        ),
        (
            {"data": "diabetes", "regularizers": {"label_smoothing": 0.1}},
            "regularizers.label_smoothing: label_smoothing has no classes to smooth",
        ),
        (
            {"loss": "hinge", "regularizers": {"mixup": 0.2}},
            (
                "regularizers.mixup: mixup makes soft targets; hinge needs one class a row; expected a "
                "loss for soft targets; loss:"
            ),
        ),
        (
            {"loss": "hinge", "regularizers": {"label_smoothing": 0.1}},
            "regularizers.label_smoothing: label_smoothing makes soft targets",
        ),
        (
            {"data": {**MOONS, "augment": [{"shift": 0.2}]}},
            "data.augment: shift changes images; a row of moons is 2 numbers; expected images",
        ),
        (
            {"data": {**IMAGES, "augment": [{"shift": 0.05}]}},
            "data.augment.0.fraction: 0.05 of 8x8 images is less than one pixel",
        ),
    ],
)
def test_what_finds_no_place(changes: dict[str, Any], said: str) -> None:
    assert refused(**changes).startswith(said)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has what the test wants to miss")
@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_a_device_that_is_not_there(device: str) -> None:
    text = refused(training={"device": device})
    assert text.startswith(f"training.device: received {device}; this machine has no CUDA device")
    assert text.endswith("a device that is there; auto, or cpu")


@pytest.mark.parametrize(
    ("precision", "said"),
    [
        (
            "fp16",
            (
                "training.precision: received fp16; on a CPU it is several times slower than fp32; "
                "expected fp32 or bf16; precision: bf16"
            ),
        ),
        (
            "tf32",
            "training.precision: received tf32; it is a mode of NVIDIA GPUs and changes nothing on "
            "cpu; expected "
            "fp32 or bf16; precision: fp32",
        ),
    ],
)
def test_a_precision_that_cannot_act(precision: str, said: str) -> None:
    assert refused(training={"precision": precision, "device": "cpu"}) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"optimizer": "lbfgs"},
            (
                "training.batch_size: received batch_size 32; lbfgs needs the whole training part (300 "
                "rows) in every step; expected full;"
            ),
        ),
        (
            {"training": {"accumulate": 2, "batch_size": "full"}},
            (
                "training.accumulate: accumulate 2 sums batches, and one batch holds the whole "
                "training part (300 rows)"
            ),
        ),
        (
            {"optimizer": {"name": "sgd", "nesterov": True}},
            (
                "optimizer.nesterov: nesterov is true, but momentum is 0; expected a momentum that it "
                "can act on; momentum: 0.9"
            ),
        ),
        (
            {"optimizer": "muon", "architecture": {"hidden": []}},
            "optimizer: muon found no hidden matrix that learns; expected a hidden",
        ),
        (
            {"optimizer": "muon", "per_layer": {"hidden1": {"frozen": True}}},
            "optimizer: muon found no hidden matrix that learns; expected a hidden layer that is not frozen",
        ),
        (
            {"optimizer": "rprop", "gradient_clipping": "adaptive"},
            "gradient_clipping: rprop goes by the signs of the gradients, which adaptive leaves as "
            "they are; expected no clipping; "
            "gradient_clipping: none, or another optimizer",
        ),
        (
            {"optimizer": {"name": "adam", "lr": 0.1}, "schedule": {"name": "one_cycle", "max_lr": 0.01}},
            "schedule.max_lr: optimizer.lr 0.1 is not below max_lr 0.01",
        ),
        (
            {"schedule": {"name": "constant", "warmup": "4 epochs"}},
            (
                "schedule.warmup: the warmup of 4 epochs is 40 steps; the whole training has 30; "
                "expected a warmup no longer than the training"
            ),
        ),
        (
            {
                "optimizer": {"name": "sgd", "momentum": {"from": 0.5, "to": 0.9, "over": "1 epochs"}},
                "schedule": "one_cycle",
            },
            (
                "optimizer.momentum: one_cycle sets the momentum, and so does the ramp in "
                "optimizer.momentum; expected one of them"
            ),
        ),
    ],
)
def test_rates_and_batches_that_contradict_each_other(changes: dict[str, Any], said: str) -> None:
    assert refused(**changes).startswith(said)


def test_a_problem_of_building_has_its_place_in_the_file(tmp_path: Path) -> None:
    config = small(optimizer={"name": "sgd", "nesterov": True})
    path = write(tmp_path, config)
    line = path.read_text().splitlines().index("  nesterov: true") + 1
    with pytest.raises(ConfigError) as caught:
        build(load(path))
    assert str(caught.value).startswith(f"{path}:{line}:3 optimizer.nesterov: ")
    with pytest.raises(ConfigError) as caught:
        build(load(path, ["optimizer.nesterov=false", "training.monitor=val_acuracy"]))
    assert str(caught.value).startswith("training.monitor: received val_acuracy"), (
        "the command line has no place in a file"
    )


PLUGIN = '''"""Architectures that do something wrong."""
from dnnlab.registry import part


@part("architecture", source="this test")
def too_narrow(in_shape, outputs, make):
    """One output too few."""
    from torch import nn

    return make.chain({"flatten": nn.Flatten(), "output": make.dense("output", 64, outputs - 1, output=True)})


@part("architecture", source="this test")
def does_not_fit(in_shape, outputs, make):
    """Layers that do not fit together."""
    return make.chain({"hidden1": make.dense("hidden1", 63, 5), "output": make.dense("output", 5, outputs, output=True)})


@part("architecture", source="this test")
def behind_the_back(in_shape, outputs, make):
    """A parameter that make does not know."""
    from torch import nn

    return make.chain({"flatten": nn.Flatten(), "mine": nn.Linear(64, 8), "output": make.dense("output", 8, outputs, output=True)})
'''


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "too_narrow",
            "architecture: the net turns a row into 9 numbers; expected 10; end it with make.dense",
        ),
        (
            "does_not_fit",
            "architecture: net cannot work on an input of 1x8x8: mat1 and mat2 shapes cannot be multiplied",
        ),
        (
            "behind_the_back",
            (
                "architecture: the architecture's parameters and the table differ: mine.bias, "
                "mine.weight; expected every layer made with"
            ),
        ),
    ],
)
def test_architectures_of_plugins_are_checked(name: str, said: str, tmp_path: Path) -> None:
    from dnnlab.registry import register

    plugin = tmp_path / "wrong.py"
    plugin.write_text(PLUGIN)
    try:
        assert refused(plugins=[str(plugin)], architecture={"name": name}).startswith(said)
    finally:
        register.forget(str(plugin.resolve()))
