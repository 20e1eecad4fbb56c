"""Every registered part, written in YAML, trains: the loss falls, and the weights end otherwise than without the part."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from dnnlab import registry
from dnnlab.build.session import build
from dnnlab.config import load
from dnnlab.engine.loop import fit
from dnnlab.engine.records import Epoch
from dnnlab.registry import Entry

Config = dict[str, Any]
BASE: Config = {
    "data": {"name": "digits", "limit": 200},
    "architecture": {"name": "mlp", "hidden": [16]},
    "activation": "identity",
    "initializer": "he_uniform",
    "loss": "cross_entropy",
    "optimizer": {"name": "sgd", "lr": 0.02},
    "training": {"epochs": 2, "batch_size": 20, "threads": 1, "monitor": "train_loss"},
}
OTHERS: Config = {"activation": "tanh", "initializer": "he_normal", "optimizer": {"name": "adam", "lr": 0.02}}
LONGER = {"training": {**BASE["training"], "epochs": 3}}
NEVER_BETTER = {"patience": 1, "min_delta": 1000.0}
# The keys with which a part acts within two epochs, where its example would not.
KEYS: dict[tuple[str, str], Config] = {
    ("gradient_clipping", "value"): {"threshold": 0.01},
    ("optimizer", "lbfgs"): {"max_iter": 4},
    ("schedule", "one_cycle"): {"max_lr": 0.05},
    ("schedule", "performance"): {"factor": 0.1, **NEVER_BETTER},
    ("schedule", "piecewise_constant"): {"boundaries": ["5 steps"], "values": [0.02, 0.01]},
    ("schedule", "step"): {"every": "1 epochs"},
    ("schedule", "triangular"): {"max": 0.05, "half_cycle": "5 steps"},
    ("regularizers", "early_stopping"): NEVER_BETTER,
    ("regularizers", "fractional_max_pool"): {"ratio": 1.4},
    ("regularizers", "swa"): {"start": "1 epochs", "lr": 0.01},
}
CNN = {"architecture": {"name": "cnn", "blocks": [[4]]}}
BLOCKS = {"architecture": {"name": "sequential", "layers": [{"flatten": {}}, {"residual": {"layers": [{"dense": {"units": 64}}]}}]}}
# What a part needs around it, in the run with it and in the run without.
AROUND: dict[tuple[str, str], Config] = {
    ("initializer", "zeros"): {"architecture": {"name": "mlp", "hidden": []}},  # hidden units would stay identical
    ("loss", "binary_cross_entropy"): {"data": "breast_cancer"},
    **{("loss", name): {"data": "diabetes", "optimizer": {"name": "sgd", "lr": 1e-4}} for name in ("mse", "mae", "huber")},
    ("optimizer", "lbfgs"): {"training": {**BASE["training"], "batch_size": "full"}},
    ("schedule", "performance"): LONGER,
    ("regularizers", "early_stopping"): LONGER,
    ("regularizers", "spatial_dropout"): CNN,
    ("regularizers", "fractional_max_pool"): CNN,
    ("regularizers", "stochastic_depth"): BLOCKS,
}

SIMPLE = [e for kind in ("activation", "initializer", "normalization", "optimizer", "gradient_clipping") for e in registry.entries(kind)]
SCHEDULES, LOSSES, REGULARIZERS = registry.entries("schedule"), registry.entries("loss"), registry.entries("regularizers")


def written(entry: Entry) -> Config:
    """The part with its example, as YAML holds it."""
    return {"name": entry.name, **KEYS.get((entry.kind, entry.name), entry.example)}


def around(entry: Entry) -> Config:
    return BASE | AROUND.get((entry.kind, entry.name), {})


@cache
def outcome(text: str, folder: Path) -> tuple[list[float], dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """The training losses of the epochs, the weights before, and the weights after."""
    path = folder / "part.yaml"
    path.write_text(text)
    session = build(load(path)).session
    before = {name: tensor.clone() for name, tensor in session.net.state_dict().items()}
    losses = [record.row["train_loss"] for record in fit(session) if isinstance(record, Epoch)]
    return losses, before, session.net.state_dict()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the file, so that equal configs are trained once."""
    return tmp_path_factory.mktemp("parts")


def assert_learns_and_differs(folder: Path, config: Config, without: Config) -> None:
    losses, _, after = outcome(yaml.safe_dump(config), folder)
    _, _, others = outcome(yaml.safe_dump(without), folder)
    assert losses[-1] < losses[0]
    shared = [name for name in after if name in others and after[name].shape == others[name].shape]
    assert shared
    assert any(not torch.equal(after[name], others[name]) for name in shared)


def named(entry: Entry) -> str:
    return f"{entry.kind}.{entry.name}"


@pytest.mark.parametrize("entry", SIMPLE, ids=named)
def test_a_part_acts(entry: Entry, folder: Path) -> None:
    without = around(entry)
    if registry.bind("optimizer", without["optimizer"]).name == entry.name or without.get(entry.kind) == entry.name:
        without = without | {entry.kind: OTHERS[entry.kind]}
    assert_learns_and_differs(folder, around(entry) | {entry.kind: written(entry)}, without)


@pytest.mark.parametrize("warmup", ["none", "1 epochs"])
@pytest.mark.parametrize("entry", SCHEDULES, ids=named)
def test_a_schedule_acts(entry: Entry, warmup: str, folder: Path) -> None:
    config = around(entry) | {"schedule": {**written(entry), "warmup": warmup}}
    without = around(entry) | {"schedule": {"name": "power", "over": "1 epochs"}} if entry.name == "constant" else around(entry)
    assert_learns_and_differs(folder, config, without)


@pytest.mark.parametrize("entry", LOSSES, ids=named)
def test_a_loss_teaches(entry: Entry, folder: Path) -> None:
    losses, before, after = outcome(yaml.safe_dump(around(entry) | {"loss": written(entry)}), folder)
    assert losses[-1] < losses[0]
    assert all(not torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("entry", REGULARIZERS, ids=named)
def test_a_regularizer_acts(entry: Entry, folder: Path) -> None:
    keys = {key: value for key, value in written(entry).items() if key != "name"}
    # An average leaves the raw weights alone; watched by the monitor, its weights are the ones that come back.
    watched = {"training": {**BASE["training"], "monitor": f"val_loss_{entry.name}"}} if entry.flags["effect"] == "average" else {}
    assert_learns_and_differs(folder, around(entry) | watched | {"regularizers": {entry.name: keys}}, around(entry))
