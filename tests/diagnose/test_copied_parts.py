"""A built-in part under another name in a plugin gets the verdicts and the screen of the built-in one."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from dnnlab.commands.doctor.doctor import examine
from dnnlab.commands.watch.watch import Watch
from dnnlab.registry import bind, kept_facts, load_plugin, register
from dnnlab.render.screens.watch import watch_lines
from dnnlab.render.terminal.streams import Stream
from tests.helpers.trainings import trained

PLUGIN = """
from types import FunctionType
from dnnlab.registry import find, part

def copy(kind, name):
    entry = find(kind, name)
    old = entry.function
    new = FunctionType(old.__code__, old.__globals__, "own_" + name, old.__defaults__, old.__closure__)
    new.__kwdefaults__, new.__annotations__, new.__doc__ = old.__kwdefaults__, old.__annotations__, old.__doc__
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
READ_ONLY = ("dropout", "l2")  # a layer may set them by name, so that a copy trains otherwise


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


@pytest.mark.parametrize("name", [name for name in CASES if name not in READ_ONLY])
def test_a_copy_in_a_plugin_is_judged_like_the_original(name: str, tmp_path: Path) -> None:
    kind, changes = CASES[name]
    for folder in ("built_in", "copied"):
        (tmp_path / folder).mkdir()
    plugin = tmp_path / "copied" / "copies.py"
    plugin.write_text(PLUGIN.format(kind=kind, name=name))
    original = told(trained(tmp_path / "built_in", **changes))
    run = trained(tmp_path / "copied", **renamed(changes, name), plugins=["copies.py"])
    register.forget(str(plugin.resolve()))  # who looks at a run need not trust its plugins
    assert json.loads(json.dumps(told(run)).replace("own_" + name, name)) == json.loads(json.dumps(original))


@pytest.mark.parametrize("name", READ_ONLY)
def test_a_run_that_names_a_copy_is_judged_like_the_original(name: str, tmp_path: Path) -> None:
    kind, changes = CASES[name]
    run = trained(tmp_path, **changes)
    original = told(run)
    plugin = tmp_path / "copies.py"
    plugin.write_text(PLUGIN.format(kind=kind, name=name))
    load_plugin(plugin)
    kept = kept_facts([bind(kind, "own_" + name)])
    register.forget(str(plugin.resolve()))
    meta = json.loads((run / "meta.json").read_text())
    meta["config"] = {key.replace(f".{name}", f".own_{name}"): value for key, value in meta["config"].items()}
    (run / "meta.json").write_text(json.dumps(meta | {"plugin_parts": kept}))
    assert json.loads(json.dumps(told(run)).replace("own_" + name, name)) == json.loads(json.dumps(original))


def test_an_autoencoder_under_another_name_has_hardly_begun(tmp_path: Path) -> None:
    (tmp_path / "copies.py").write_text(PLUGIN.format(kind="architecture", name="autoencoder"))
    changes = renamed(CASES["autoencoder"][1], "autoencoder")
    run = trained(tmp_path, **{**changes, "training": {"epochs": 6}}, plugins=["copies.py"])
    register.forget(str((tmp_path / "copies.py").resolve()))
    found = {v["name"]: v["severity"] for v in examine(str(run), run.parent).diagnosis.json()["verdicts"]}
    assert found["learning_rate_too_low"] == "critical"
