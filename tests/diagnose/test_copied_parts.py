"""A built-in part under another name in a plugin gets the verdicts and the screen of the built-in one."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from dnnlab.commands.doctor.doctor import examine
from dnnlab.commands.watch.watch import Watch
from dnnlab.registry import entries, register
from dnnlab.render.screens.watch import watch_lines
from dnnlab.render.terminal.streams import Stream
from tests.helpers.trainings import bits, rows, trained

PLUGIN = """
from types import FunctionType
from dnnlab.registry import find, part

def copy(kind, name):
    entry = find(kind, name)
    old = entry.function
    new = FunctionType(old.__code__, old.__globals__, "own_" + name, old.__defaults__, old.__closure__)
    new.__kwdefaults__, new.__annotations__ = old.__kwdefaults__, old.__annotations__
    new.__doc__ = old.__doc__
    part(kind, source=entry.source, example=entry.example, **entry.flags)(new)

copy({kind!r}, {name!r})
"""
SLOW = {"name": "sgd", "lr": 1e-7}
FAST = {"name": "sgd", "lr": 0.5}
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
}
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


def renamed(value: Any, name: str) -> Any:
    """A config whose part `name` is the plugin's."""
    if isinstance(value, dict):
        return {("own_" + k if k == name else k): renamed(v, name) for k, v in value.items()}
    if isinstance(value, list):
        return [renamed(item, name) for item in value]
    return "own_" + name if value == name else value


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
    return json.loads(json.dumps(value).replace("own_" + name, name))


@pytest.mark.parametrize("name", CASES)
def test_a_copy_in_a_plugin_is_judged_like_the_original(name: str, tmp_path: Path) -> None:
    kind, changes = CASES[name]
    original, copied = both(kind, name, changes, tmp_path)
    assert rows(copied) == rows(original)
    assert named_as_built_in(told(copied), name) == named_as_built_in(told(original), name)


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
    assert {key.replace("own_" + name, name): value for key, value in own_tensors.items()} == tensors
    assert named_as_built_in(own_rest, name) == named_as_built_in(rest, name)


def test_a_layers_own_number_is_that_of_the_built_in_regularizer(tmp_path: Path) -> None:
    changes = {"regularizers": {"own_l2": 0.5}, "per_layer": {"hidden1": {"l2": 0.25}}}
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
