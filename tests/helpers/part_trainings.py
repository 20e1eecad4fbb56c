"""For every registered part: a small training with it, one without it, and what of both there is to compare.

A part's surroundings are those of its kind unless a table here gives it others; its keys are those of its
example, with which it acts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from torch import Tensor

from dnnlab import registry
from dnnlab.assembly.session import Built, build
from dnnlab.config import load
from dnnlab.config.sections import ROOT
from dnnlab.data.raw import RawDataset
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.engine.checkpoint_state import capture
from dnnlab.engine.loop import fit
from dnnlab.engine.records import End, Epoch, Step
from dnnlab.registry import RegistryEntry
from dnnlab.rundir import encode
from helpers.trainings import untimed

Config = dict[str, Any]
Row = dict[str, Any]
BASE: Config = {
    "data": {"name": "digits", "limit": 200},
    "architecture": {"name": "mlp", "hidden": [16]},
    "activation": "identity",
    "initializer": "he_uniform",
    "loss": "cross_entropy",
    "optimizer": {"name": "sgd", "lr": 0.02},
    "training": {"epochs": 2, "batch_size": 20, "threads": 1, "monitor": "train_loss"},
    "checkpoint": {"every": 1},
    "logging": {"steps_every": "1 steps"},
}
PART = "the part"
NET = {"architecture": {"name": "sequential", "layers": [{"conv": {"channels": 3}}, PART]}}
COLOURS: Config = {"data": "cifar10"}
NUMBERS: Config = {"data": {"name": "diabetes", "target_scale": "standardize"}, "loss": "mse"}
NOT_WATCHED = {
    key: "none"
    for key, field in (ROOT.fields["logging"].section or {}).items()
    if field.optional and key != "steps_every"
}
# What all parts of a kind need around them, in the run with one and in the run without.
OF_KIND: dict[str, Config] = {
    "activation": {
        "initializer": {"name": "normal", "std": 0.5}
    },  # some sums are beyond 6, where relu6 and relu part
    "data": {"loss": "auto", "training": {**BASE["training"], "batch_size": 8}},
    "layer": NET,
    "probe": {"logging": {**NOT_WATCHED, "steps_every": "1 steps"}},
}
# What the run without a part has instead: each kind's own "none", or other parts, the first that is not the
# part itself.
INSTEAD: dict[str, list[Any]] = {
    "activation": ["identity", "tanh"],
    "initializer": ["he_uniform", "he_normal"],
    "architecture": [BASE["architecture"], "cnn"],
    "loss": ["cross_entropy", "mse", "hinge", "mae"],
    "metrics": [["accuracy"], ["rmse"], ["top_k"], ["mae"]],
    "optimizer": [BASE["optimizer"], {"name": "adam", "lr": 0.02}],
    "schedule": ["constant", {"name": "power", "over": "1 epochs"}],
    "data": [
        BASE["data"],
        "wine",
        NUMBERS["data"],
        {"name": "csv", "path": "table.csv", "target": "size", "missing": "zero", "drop": ["town"]},
    ],
    "normalization": ["none"],
    "gradient_clipping": ["none"],
}

CNN: Config = {"architecture": {"name": "cnn", "blocks": [[4]]}}
LINEAR: Config = {
    "architecture": {"name": "mlp", "hidden": []},
    "activation": "relu",
}  # the default: another one would be refused
LONGER = {"training": {**BASE["training"], "epochs": 3}}
FULL = {"training": {**BASE["training"], "batch_size": "full", "epochs": 6}}
NEVER_BETTER = {"patience": 1, "min_delta": 1000.0}
# What a single part needs.
AROUND: dict[str, Config] = {
    "initializer.zeros": LINEAR,  # hidden units would stay identical
    "initializer.constant": LINEAR,
    "normalization.instance": CNN,
    "layer.dense": {
        "architecture": {"name": "sequential", "layers": ["flatten", PART]},
        "activation": "relu",
    },
    "layer.flatten": {
        "architecture": {
            "name": "sequential",
            "layers": [{"conv": {"channels": 3}}, PART, {"dense": {"units": 8}}],
        }
    },
    "architecture.lenet5": {"data": "mnist", "activation": "tanh"},
    "architecture.autoencoder": {"loss": "auto"},
    "loss.binary_cross_entropy": {"data": "breast_cancer"},
    **dict.fromkeys(
        ("loss.mse", "loss.mae", "loss.huber", "metrics.mae", "metrics.r2", "metrics.rmse"), NUMBERS
    ),
    "optimizer.lbfgs": FULL,
    "optimizer.rprop": FULL,
    "schedule.performance": LONGER,
    "regularizers.early_stopping": LONGER,
    "regularizers.spatial_dropout": CNN,
    "regularizers.fractional_max_pool": CNN,
    "regularizers.stochastic_depth": {
        "architecture": {
            "name": "sequential",
            "layers": ["flatten", {"residual": {"layers": [{"dense": {"units": 64}}]}}],
        }
    },
    **dict.fromkeys(("data.diabetes", "data.csv", "data.parquet"), NUMBERS),
}
# The keys with which a part acts within two epochs, where its example would not.
KEYS: dict[str, Config] = {
    "gradient_clipping.value": {"threshold": 0.01},
    "regularizers.fractional_max_pool": {
        "ratio": 1.4
    },  # digits shrink to 5x5; at 1.8 they would to 4x4, as under plain pooling
    "schedule.cosine_restarts": {"first": "7 steps"},
    "schedule.one_cycle": {"max_lr": 0.05},
    "schedule.performance": {"factor": 0.1, **NEVER_BETTER},
    "schedule.piecewise_constant": {"boundaries": ["5 steps"], "values": [0.02, 0.01]},
    "schedule.step": {"every": "1 epochs"},
    "schedule.triangular": {"max": 0.05, "half_cycle": "5 steps"},
    "regularizers.early_stopping": NEVER_BETTER,
    "regularizers.swa": {"start": "1 epochs", "lr": 0.01},
}


def named(entry: RegistryEntry) -> str:
    return f"{entry.kind}.{entry.name}"


def keys_of(entry: RegistryEntry) -> Config:
    """The part's own keys."""
    return {**KEYS.get(named(entry), entry.example)}


def written(entry: RegistryEntry) -> Config:
    """The part with its keys, as YAML holds it."""
    return {"name": entry.name, **keys_of(entry)}


def around(entry: RegistryEntry) -> Config:
    """The config without the part's own section."""
    colours = COLOURS if entry.kind == "augment" and entry.flags["rgb"] else {}
    return {**BASE, **OF_KIND.get(entry.kind, {}), **colours, **AROUND.get(named(entry), {})}


def with_part(entry: RegistryEntry) -> Config:
    """The whole config of a training with the part."""
    config = around(entry)
    if entry.kind == "regularizers":
        # An average leaves the raw weights alone; watched by the monitor, its weights are the ones that come
        # back.
        watched = {"monitor": f"val_loss_{entry.name}"} if entry.flags["effect"] == "average" else {}
        return {
            **config,
            "training": {**config["training"], **watched},
            "regularizers": {entry.name: keys_of(entry)},
        }
    if entry.kind == "augment":
        data = config["data"] if isinstance(config["data"], dict) else {"name": config["data"]}
        return {**config, "data": {**data, "augment": [written(entry)]}}
    if entry.kind == "layer":
        return {**config, "architecture": in_its_place(config["architecture"], [written(entry)])}
    if entry.kind == "probe":
        return {**config, "logging": {**config["logging"], "probes": {entry.name: "3 steps"}}}
    if entry.kind == "data":
        scaled = {"target_scale": "standardize"} if config["loss"] == "mse" else {}
        return {**config, "data": {**written(entry), **scaled}}
    return {**config, entry.kind: [written(entry)] if entry.kind == "metrics" else written(entry)}


def without(entry: RegistryEntry) -> Config:
    """The same training without the part, or with another of its kind in its place."""
    config = around(entry)
    if entry.kind == "layer":
        other = ["global_average_pool"] if entry.name == "flatten" else []  # dense layers take no images
        return {**config, "architecture": in_its_place(config["architecture"], other)}
    if entry.kind not in INSTEAD:
        return config
    return {**config, entry.kind: next(other for other in INSTEAD[entry.kind] if fits(entry, other))}


def fits(entry: RegistryEntry, other: Any) -> bool:
    """Whether this is another part for the same targets."""
    if other == "none":
        return True
    one = registry.bind(entry.kind, other[0] if entry.kind == "metrics" else other)
    if entry.kind == "data":
        return one.name != entry.name and (one.name in ("csv", "diabetes")) is (
            around(entry)["loss"] == "mse"
        )
    return one.name != entry.name and bool(
        entry.flags.get("targets", {1}) & one.entry.flags.get("targets", {1})
    )


def in_its_place(architecture: Config, parts: list[Any]) -> Config:
    """The list of layers with these where the part belongs."""
    return {
        **architecture,
        "layers": [new for layer in architecture["layers"] for new in (parts if layer == PART else [layer])],
    }


@dataclass(frozen=True)
class Outcome:
    """A training in memory. files: the rows by file; saved: all that the last checkpoint would hold, as bytes
    and plain data.

    before, after: the net's tensors, those at the end with the best ones put back.
    """

    built: Built
    files: dict[str, list[Row]]
    before: dict[str, Tensor]
    after: dict[str, Tensor]
    saved: tuple[dict[str, bytes], Any]
    end: End

    @property
    def losses(self) -> list[float]:
        """The mean training loss of each epoch."""
        return [row["train_loss"] for row in self.files["metrics.jsonl"]]

    def learned_otherwise(self, other: Outcome) -> bool:
        """Whether the tensors that both nets have ended differently; nets that share none are compared by
        their losses.
        """
        shared = [
            name
            for name in self.after
            if name in other.after and self.after[name].shape == other.after[name].shape
        ]
        return (
            any(not self.after[n].equal(other.after[n]) for n in shared)
            if shared
            else self.losses[-1] != other.losses[-1]
        )


def trained_in_memory(config: Config, folder: Path) -> Outcome:
    """The outcome of a config; equal ones are trained once. folder: where its files are."""
    return _trained(yaml.safe_dump(config), folder)


@cache
def _trained(text: str, folder: Path) -> Outcome:
    path = folder / "part.yaml"
    path.write_text(text)
    built = build(load(path), raw_of(text))
    session, files, saved = built.session, {}, {}
    before = {name: tensor.clone() for name, tensor in session.net.state_dict().items()}
    for record in fit(session):
        rows = (record.rows or {}).items() if isinstance(record, Step) else ()
        for file, row in (*rows, *([("metrics.jsonl", record.row)] if isinstance(record, Epoch) else ())):
            files.setdefault(file, []).append(untimed(json.loads(json.dumps(row))))
        if isinstance(record, Epoch) and record.final:
            tensors, rest = encode(capture(session))
            saved = (
                {name: t.numpy().tobytes() for name, t in tensors.items()},
                untimed(json.loads(json.dumps(rest))),
            )
    return Outcome(built, files, before, session.net.state_dict(), saved, record)


def raw_of(text: str) -> RawDataset | None:
    """The arrays of `data: arrays`, which no file can hold."""
    if not re.search(r": arrays$", text, re.MULTILINE):
        return None
    numbers = np.random.default_rng(0)
    labels = np.arange(60) % 2
    return from_arrays(numbers.normal(size=(60, 3)) + labels[:, None], labels)
