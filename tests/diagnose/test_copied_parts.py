"""A built-in part under another name in a plugin gets the verdicts and the screen of the built-in one."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from dnnlab.commands.doctor.doctor import examine
from dnnlab.commands.inference.evaluate import evaluate
from dnnlab.commands.watch.watch import Watch
from dnnlab.config import load
from dnnlab.config.lint import lint
from dnnlab.registry import entries, register
from dnnlab.render.screens.evaluation import evaluation_lines
from dnnlab.render.screens.watch import watch_lines
from dnnlab.render.terminal.streams import Stream
from tests.helpers.trainings import bits, rows, small, trained, write

PLUGIN = """
from types import FunctionType
from dnnlab.registry import find, part

def copy(kind, name):
    entry = find(kind, name)
    old = entry.function
    new = FunctionType(old.__code__, old.__globals__, "q" + name[1:], old.__defaults__, old.__closure__)
    new.__kwdefaults__, new.__annotations__ = old.__kwdefaults__, old.__annotations__
    new.__doc__ = old.__doc__
    part(kind, source=entry.source, example=entry.example, **entry.flags)(new)

copy({kind!r}, {name!r})
"""
SLOW = {"name": "sgd", "lr": 1e-7}
FAST = {"name": "sgd", "lr": 0.5}
LONG = {"epochs": 12}
DENSE = {"name": "dense", "units": 8}
DIABETES = {"name": "diabetes"}


def listed(*layers: Any) -> dict[str, Any]:
    return {"name": "sequential", "layers": list(layers)}


CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "autoencoder": (
        "architecture",
        {"architecture": {"name": "autoencoder", "hidden": [16, 4]}, "optimizer": SLOW},
    ),
    "sequential": (
        "architecture",
        {
            "architecture": {"name": "sequential", "layers": ["flatten", {"name": "dense", "units": 8}]},
            "optimizer": SLOW,
        },
    ),
    "mlp": ("architecture", {"architecture": {"name": "mlp", "hidden": [2]}, "optimizer": FAST}),
    "selu": ("activation", {"activation": "selu", "optimizer": FAST}),
    "relu6": ("activation", {"activation": "relu6", "optimizer": {"name": "sgd", "lr": 30.0}}),
    "sigmoid": ("activation", {"activation": "sigmoid", "initializer": {"name": "normal", "std": 5.0}}),
    "zeros": ("initializer", {"initializer": "zeros"}),
    "batch": ("normalization", {"normalization": "batch", "training": {"batch_size": 2, "epochs": 4}}),
    "hinge": ("loss", {"loss": "hinge", "optimizer": SLOW}),
    "cross_entropy": ("loss", {"loss": "cross_entropy", "optimizer": SLOW}),
    "one_cycle": (
        "schedule",
        {"schedule": {"name": "one_cycle", "max_lr": 1e-7}, "optimizer": {"name": "sgd", "lr": 1e-8}},
    ),
    "triangular": (
        "schedule",
        {
            "schedule": {"name": "triangular", "base": 0.1, "max": 3.0, "half_cycle": "1 epochs"},
            "optimizer": {"name": "sgd", "lr": 0.1},
            "training": {"epochs": 8},
        },
    ),
    "global_norm": ("gradient_clipping", {"gradient_clipping": {"name": "global_norm", "threshold": 1e-4}}),
    "dropout": (
        "regularizers",
        {
            "regularizers": {"dropout": 0.95},
            "optimizer": {"name": "sgd", "lr": 0.1},
            "training": {"epochs": 12},
        },
    ),
    "input_noise": ("regularizers", {"regularizers": {"input_noise": 30.0}, "training": {"epochs": 12}}),
    "l2": ("regularizers", {"regularizers": {"l2": 3.0}, "training": {"epochs": 6}}),
    "early_stopping": (
        "regularizers",
        {"regularizers": {"early_stopping": 2}, "optimizer": SLOW, "training": {"epochs": 12}},
    ),
    "swa": ("regularizers", {"regularizers": {"swa": {"start": "0 epochs", "lr": 1e-7}}}),
    "sgd": ("optimizer", {"optimizer": SLOW}),
    "constant": ("initializer", {"initializer": {"name": "constant", "value": 0.1}}),
    "glorot_uniform": (
        "initializer",
        {"initializer": "glorot_uniform", "activation": "sigmoid", "optimizer": {"name": "sgd", "lr": 300.0}},
    ),
    "dropout layer": (
        "layer",
        {"architecture": listed("flatten", DENSE, {"name": "dropout", "rate": 0.95}), "training": LONG},
    ),
    "normalization layer": (
        "layer",
        {
            "architecture": listed(
                "flatten", DENSE | {"activation": "identity"}, {"name": "normalization", "part": "batch"}
            ),
            "training": {"batch_size": 2, "epochs": 4},
        },
    ),
    "resnet": (
        "architecture",
        {
            "architecture": {"name": "resnet", "depth": 8, "form": "cifar", "width": 2},
            "data": {"limit": 60},
            "training": {"batch_size": 2, "epochs": 3},
        },
    ),
    "binary_cross_entropy": (
        "loss",
        {"data": {"name": "breast_cancer"}, "loss": "binary_cross_entropy", "optimizer": SLOW},
    ),
    "mse": ("loss", {"data": DIABETES, "loss": "mse", "optimizer": {"name": "sgd", "lr": 1e-7}}),
    "huber": ("loss", {"data": DIABETES, "loss": "huber", "optimizer": {"name": "sgd", "lr": 3.0}}),
    "cosine_restarts": (
        "schedule",
        {
            "schedule": {"name": "cosine_restarts", "first": "1 epochs"},
            "optimizer": {"name": "sgd", "lr": 3.0},
            "training": {"epochs": 8},
        },
    ),
    "piecewise_constant": (
        "schedule",
        {
            "schedule": {
                "name": "piecewise_constant",
                "boundaries": ["1 epochs"],
                "values": [1e-7, 1e-8],
            },
            "optimizer": SLOW,
        },
    ),
    "constant schedule": ("schedule", {"schedule": "constant", "training": {"epochs": 30}}),
    "rprop": (
        "optimizer",
        {"optimizer": {"name": "rprop", "lr": 10.0}, "training": {"batch_size": "full", "epochs": 8}},
    ),
    "gaussian_dropout": ("regularizers", {"regularizers": {"gaussian_dropout": 0.95}, "training": LONG}),
    "dropconnect": ("regularizers", {"regularizers": {"dropconnect": 0.95}, "training": LONG}),
    "l1": ("regularizers", {"regularizers": {"l1": 3.0}, "training": {"epochs": 6}}),
    "label_smoothing": (
        "regularizers",
        {
            "regularizers": {"label_smoothing": 0.1},
            "optimizer": {"name": "adam", "lr": 0.03},
            "training": LONG,
        },
    ),
    "ema": ("regularizers", {"regularizers": {"ema": 0.9}}),
}
"""Case -> the kind and the config of the part whose name the case begins with."""
CNN = {"name": "cnn", "blocks": [[4]], "hidden": [8]}
RESNET = {"name": "resnet", "depth": 8, "form": "cifar", "width": 4}
NETS = {
    "cutmix": CNN,
    "fractional_max_pool": CNN,
    "spatial_dropout": CNN,
    "stochastic_depth": RESNET,
}
"""Regularizer -> a net in which it finds a place, if not any net."""
REGULARIZERS = {entry.name: {entry.name: dict(entry.example)} for entry in entries("regularizers")}
REGULARIZERS["fractional_max_pool"] = {"fractional_max_pool": 1.4}  # digits are 8x8: 1.8 halves them exactly


def copy_of(name: str) -> str:
    """The name of a copy, as long as the other one, so that screens are laid out alike."""
    return "q" + name[1:]


def renamed(value: Any, name: str) -> Any:
    """A config whose part `name` is the plugin's."""
    if isinstance(value, dict):
        return {(copy_of(k) if k == name else k): renamed(v, name) for k, v in value.items()}
    if isinstance(value, list):
        return [renamed(item, name) for item in value]
    return copy_of(name) if value == name else value


def told(run: Path) -> tuple[Any, list[str]]:
    """Verdicts and the screen of `watch`, without what differs between any two runs."""
    verdicts = examine(str(run), run.parent, "RUN").diagnosis.json()
    snapshot = Watch(run, "RUN").snapshot()
    stream = Stream(io.StringIO())
    lines = [line for line in watch_lines(snapshot, stream) if run.name[-6:] not in line]
    return verdicts, [line for line in lines if " s" not in line and "/s" not in line]


def both(kind: str, name: str, changes: dict[str, Any], folder: Path) -> tuple[Path, Path]:
    """The runs of a built-in part and of its copy. The copy's plugin is no longer loaded."""
    for inner in ("built_in", "copied"):
        (folder / inner).mkdir()
    plugin = folder / "copied" / "copies.py"
    plugin.write_text(PLUGIN.format(kind=kind, name=name))
    original = trained(folder / "built_in", **changes)
    copied = trained(folder / "copied", **renamed(changes, name), plugins=["copies.py"])
    register.forget(str(plugin.resolve()))  # who looks at a run need not trust its plugins
    return original, copied


def named_as_built_in(value: Any, name: str) -> Any:
    """What a run of a copy holds, with the name of the built-in part."""
    return json.loads(json.dumps(value).replace(copy_of(name), name))


def evaluated(run: Path) -> list[str]:
    """The screen of `evaluate` without the name of the run."""
    lines = evaluation_lines(evaluate(str(run), run.parent), 100)
    return [line for line in lines if run.name[-6:] not in line]


@pytest.mark.parametrize("case", CASES)
def test_a_copy_in_a_plugin_is_judged_like_the_original(case: str, tmp_path: Path) -> None:
    (kind, changes), name = CASES[case], case.split()[0]
    original, copied = both(kind, name, changes, tmp_path)
    assert rows(copied) == rows(original)
    assert named_as_built_in(told(copied), name) == named_as_built_in(told(original), name)
    assert named_as_built_in(evaluated(copied), name) == named_as_built_in(evaluated(original), name)
    register.forget(str((copied.parent.parent / "copies.py").resolve()))


BATCHES = {"normalization": "batch"}
ADVICE: dict[str, tuple[str, dict[str, Any]]] = {
    "dropout": ("regularizers", {"regularizers": {"dropout": 0.5}, **BATCHES}),
    "gaussian_dropout": ("regularizers", {"regularizers": {"gaussian_dropout": 0.5}, **BATCHES}),
    "spatial_dropout": (
        "regularizers",
        {
            "architecture": {"name": "cnn", "blocks": [[4, 4]]},
            "regularizers": {"spatial_dropout": 0.5},
            **BATCHES,
        },
    ),
    "dropout small": ("regularizers", {"regularizers": {"dropout": 0.5}}),
    "dropout layer": (
        "layer",
        {
            "architecture": listed(
                "flatten", DENSE, "dropout", {"name": "normalization", "part": "batch"}, DENSE
            )
        },
    ),
    "normalization layer": (
        "layer",
        {
            "architecture": listed(
                "flatten", DENSE, "dropout", {"name": "normalization", "part": "batch"}, DENSE
            )
        },
    ),
    "batch": ("normalization", {"regularizers": {"dropout": 0.5}, **BATCHES}),
    "l2": ("regularizers", {"regularizers": {"l2": 0.1}, "optimizer": "adamw"}),
    "l1_l2": ("regularizers", {"regularizers": {"l1_l2": {"l1": 0.1, "l2": 0.1}}, "optimizer": "adamw"}),
    "selu": (
        "activation",
        {"activation": "selu", "initializer": "he_normal", "regularizers": {"dropout": 0.2}},
    ),
    "glorot_uniform": ("initializer", {"initializer": "glorot_uniform"}),
    "lecun_normal": ("initializer", {"initializer": "lecun_normal"}),
    "variance_scaling": ("initializer", {"initializer": {"name": "variance_scaling", "scale": 3.0}}),
    "zeros": ("initializer", {"initializer": "zeros"}),
    "rprop": ("optimizer", {"optimizer": "rprop"}),
    "one_cycle": (
        "schedule",
        {"schedule": {"name": "one_cycle", "max_lr": 0.1}, "regularizers": {"early_stopping": 1}},
    ),
    "early_stopping": ("regularizers", {"regularizers": {"early_stopping": 30}}),
    "performance": ("schedule", {"schedule": {"name": "performance", "patience": 30}}),
    "step": ("schedule", {"schedule": {"name": "step", "every": "3 epochs"}}),
    "exponential": ("schedule", {"schedule": {"name": "exponential", "over": "3 epochs", "staircase": True}}),
    "piecewise_constant": (
        "schedule",
        {"schedule": {"name": "piecewise_constant", "boundaries": ["3 epochs"], "values": [0.1, 0.01]}},
    ),
    "flip": ("augment", {"data": {"augment": ["flip"]}}),
}
"""Case -> the kind and a config that gets advice for the part whose name the case begins with."""


@pytest.mark.parametrize("case", ADVICE)
def test_a_copy_gets_the_advice_of_the_original(case: str, tmp_path: Path) -> None:
    (kind, changes), name = ADVICE[case], case.split()[0]
    (tmp_path / "copies.py").write_text(PLUGIN.format(kind=kind, name=name))
    original = lint(load(write(tmp_path, small(**changes))))
    copied = lint(load(write(tmp_path, small(**renamed(changes, name), plugins=["copies.py"]))))
    register.forget(str((tmp_path / "copies.py").resolve()))
    assert original
    assert named_as_built_in([asdict(each) for each in copied], name) == [asdict(each) for each in original]


@pytest.mark.parametrize("name", REGULARIZERS)
def test_a_copied_regularizer_trains_bit_by_bit_like_the_original(name: str, tmp_path: Path) -> None:
    changes = {
        "regularizers": REGULARIZERS[name],
        "optimizer": {"name": "sgd", "lr": 0.1},
    }
    changes |= {"architecture": NETS[name]} if name in NETS else {}
    original, copied = both("regularizers", name, changes, tmp_path)
    assert rows(copied) == rows(original)
    (tensors, rest), (own_tensors, own_rest) = bits(original), bits(copied)
    assert {key.replace(copy_of(name), name): value for key, value in own_tensors.items()} == tensors
    assert named_as_built_in(own_rest, name) == named_as_built_in(rest, name)


def test_a_layers_own_number_is_that_of_the_built_in_regularizer(tmp_path: Path) -> None:
    changes = {"regularizers": {copy_of("l2"): 0.5}, "per_layer": {"hidden1": {"l2": 0.25}}}
    (tmp_path / "copies.py").write_text(PLUGIN.format(kind="regularizers", name="l2"))
    with_copy = trained(tmp_path, **changes, plugins=["copies.py"])
    register.forget(str((tmp_path / "copies.py").resolve()))
    sums = {"regularizers": {"l2": 0.5}, "per_layer": {"hidden1": {"l2": 0.75}}}
    assert bits(with_copy)[0] == bits(trained(tmp_path, **sums))[0]


def test_an_autoencoder_under_another_name_has_hardly_begun(tmp_path: Path) -> None:
    (tmp_path / "copies.py").write_text(PLUGIN.format(kind="architecture", name="autoencoder"))
    changes = renamed(CASES["autoencoder"][1], "autoencoder")
    run = trained(tmp_path, **{**changes, "training": {"epochs": 6}}, plugins=["copies.py"])
    register.forget(str((tmp_path / "copies.py").resolve()))
    found = {v["name"]: v["severity"] for v in examine(str(run), run.parent).diagnosis.json()["verdicts"]}
    assert found["learning_rate_too_low"] == "critical"
