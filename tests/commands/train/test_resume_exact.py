"""A training that is interrupted in the middle of an epoch and resumed is exact to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helpers.trainings import assert_same, resumed, rows, trained

HARD: dict[str, dict[str, Any]] = {
    "sgd_everything": {
        "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9, "nesterov": True},
        "schedule": {"name": "performance", "factor": 0.5, "patience": 1, "warmup": "1 epochs"},
        "regularizers": {"dropout": 0.3, "mixup": 0.4, "ema": 0.9, "early_stopping": {"patience": 50}},
        "normalization": "batch",
        "gradient_clipping": {"global_norm": 1.0},
    },
    "adam_amsgrad_one_cycle": {
        "optimizer": {"name": "adam", "lr": 0.01, "amsgrad": True},
        "schedule": "one_cycle",
        "regularizers": {"label_smoothing": 0.1},
    },
    "one_cycle_cosine": {
        "optimizer": {"name": "sgd", "lr": 0.02, "momentum": 0.9},
        "schedule": {"name": "one_cycle", "max_lr": 0.2, "shape": "cosine", "min_momentum": 0.8},
        "gradient_clipping": {"adaptive": 0.01},
    },
    "restarts_and_metrics": {
        "schedule": {"name": "cosine_restarts", "first": "7 steps", "mult": 1.5, "warmup": "3 steps"},
        "data": {"name": "digits", "limit": 300, "balance": "weights"},
        "metrics": ["auc", "f1", {"name": "top_k", "k": 3}],
        "gradient_clipping": {"norm": 0.5},
    },
    "triangular_huber": {
        "data": "diabetes",
        "loss": {"name": "huber", "delta": 0.5},
        "schedule": {"name": "triangular", "max": 0.01, "half_cycle": "7 steps"},
        "optimizer": {"name": "adam", "lr": 0.001},
        "gradient_clipping": {"value": 0.01},
    },
    "nadam_exponential": {
        "optimizer": {"name": "nadam", "lr": 0.01},
        "schedule": {"name": "exponential", "over": "2 epochs"},
    },
    "muon_max_norm_l1": {
        "optimizer": {"name": "muon", "lr": 0.02},
        "regularizers": {"max_norm": 1.0, "l1": 1e-4},
    },
    "lbfgs": {
        "optimizer": {"name": "lbfgs", "max_iter": 3},
        "training": {"batch_size": "full", "epochs": 6},
        "regularizers": {"l2": 1e-3},
    },
    "cnn_augmented": {
        "data": {"name": "digits", "limit": 300, "augment": [{"shift": 0.2}]},
        "architecture": {"name": "cnn", "blocks": [[4], [4]], "hidden": [8]},
        "normalization": "batch",
        "regularizers": {"dropconnect": 0.3},
    },
    "momentum_ramp": {
        "optimizer": {"name": "sgd", "lr": 0.05, "momentum": {"from": 0.5, "to": 0.9, "over": "2 epochs"}},
        "schedule": {"name": "power", "over": "1 epochs", "warmup": "5 steps"},
    },
    "accumulate": {
        "training": {"accumulate": 3, "batch_size": 8},
        "normalization": "layer",
        "regularizers": {"dropout": 0.2},
    },
    "weight_normalization": {"normalization": "weight", "regularizers": {"max_norm": 2.0}},
    "swa_and_ema": {
        "normalization": "batch",
        "regularizers": {"swa": {"start": "1 epochs", "lr": 0.01}, "ema": 0.9, "dropout": 0.2, "cutmix": 1.0},
        "training": {"monitor": "val_loss_swa"},
    },
    "prelu": {
        "activation": {"name": "prelu", "shared": False},
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9},
    },
    "maxout_lsuv": {"activation": "maxout", "initializer": "lsuv"},
    "autoencoder_tied": {
        "architecture": {"name": "autoencoder", "hidden": [16, 4], "tied": True, "noise": 0.1}
    },
    "hinge": {"loss": "hinge"},
    "moons_one_output": {
        "data": {"name": "moons", "samples": 200},
        "architecture": {"name": "mlp", "hidden": [5, 2]},
        "activation": "tanh",
        "loss": "binary_cross_entropy",
        "regularizers": {"mixup": 0.2, "label_smoothing": 0.1},
        "training": {"batch_size": 16},
    },
    "regression": {
        "data": "diabetes",
        "regularizers": {"ema": 0.95, "mixup": 0.2},
        "training": {"monitor": "val_rmse_ema"},
    },
    "frozen_and_slow": {
        "architecture": {"name": "mlp", "hidden": [16, 8]},
        "per_layer": {"hidden1": {"frozen": True}, "output": {"lr_factor": 0.1}},
    },
    "nothing_improves": {
        "optimizer": {"name": "sgd", "lr": 1e-12},
        "schedule": {"name": "performance", "factor": 0.5, "patience": 2, "cooldown": 1},
        "regularizers": {"early_stopping": {"patience": 5}},
        "training": {"epochs": 20},
    },
    "bfloat16": {"training": {"precision": "bf16"}},
    "rarely_measured": {
        "training": {"eval_every": 2, "epochs": 5},
        "schedule": {"name": "performance", "factor": 0.5, "patience": 1},
        "regularizers": {"early_stopping": {"patience": 4}, "ema": 0.9},
    },
}


# Steps after which each of two requests to stop comes; by default in the middle of the second and of the
# third epoch of ten steps.
CUTS = {"lbfgs": (4, 1), "nothing_improves": (25, 12)}


@pytest.mark.parametrize("name", HARD)
def test_interrupted_twice_and_resumed_is_as_if_never_interrupted(name: str, tmp_path: Path) -> None:
    first, second = CUTS.get(name, (13, 9))
    whole = trained(made(tmp_path / "whole"), **HARD[name])
    cut = trained(made(tmp_path / "cut"), after=first, **HARD[name])
    assert len(rows(cut)) < len(rows(whole))
    assert resumed(cut, after=second)[-1].result["status"] == "interrupted"
    assert resumed(cut)[-1].result["status"] == ("stopped_early" if name == "nothing_improves" else "done")
    assert_same(whole, cut)


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder
