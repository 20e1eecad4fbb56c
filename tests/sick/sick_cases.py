"""Trainings that are ill by construction, and trainings that are well: what `doctor` has to tell apart.

A table's path is written as a name; `tables` makes the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

MNIST = {"name": "mnist", "limit": 2000, "validation": 1000}


@dataclass(frozen=True)
class Case:
    """A config and the illness that was put into it ("" for none). fast: in the everyday run of the tests."""

    name: str
    illness: str
    config: dict[str, Any] = field(default_factory=dict)
    fast: bool = False


def mlp(*hidden: int, epochs: int = 10, batch: int | str = 32, **more: Any) -> dict[str, Any]:
    training = {"epochs": epochs, "batch_size": batch, **more.pop("training", {})}
    return {"architecture": {"name": "mlp", "hidden": list(hidden)}, "training": training, **more}


def sgd(lr: float, momentum: float = 0.0) -> dict[str, Any]:
    return {"optimizer": {"name": "sgd", "lr": lr, "momentum": momentum}}


def adam(lr: float) -> dict[str, Any]:
    return {"optimizer": {"name": "adam", "lr": lr}}


def sick() -> Iterator[Case]:
    """Every rule at least once, first in the list of its verdicts."""
    yield Case("frozen", "not_learning", {"data": "digits", **mlp(16, 16, 16), "per_layer": {"hidden2": {"frozen": True, "initializer": "zeros"}, "output": {"frozen": True}}})
    yield Case("nothing_logged", "not_learning", {"data": "digits", **mlp(32), **sgd(1e-7), "logging": {"update_ratio_every": "none", "gradient_norm_every": "none"}})
    yield Case("sgd_rate_50", "learning_rate_too_high", {"data": "digits", **mlp(32, 32), **sgd(50)}, fast=True)
    yield Case("adam_rate_1", "learning_rate_too_high", {"data": "moons", **mlp(16, 16, epochs=20), **adam(3.0)})
    yield Case("mnist_rate_10", "learning_rate_too_high", {"data": MNIST, **mlp(64, epochs=4), **sgd(10, 0.9)})
    yield Case("adam_rate_1e-6", "learning_rate_too_low", {"data": "digits", **mlp(32), **adam(3e-6)}, fast=True)
    yield Case("diabetes_slow", "learning_rate_too_low", {"data": {"name": "diabetes", "target_scale": "standardize"}, **mlp(16, epochs=15), **sgd(3e-5)})
    yield Case("digits_bouncing", "oscillating", {"data": "digits", **mlp(64, 64, epochs=20), **sgd(0.7, 0.9)})
    yield Case("diabetes_bouncing", "oscillating", {"data": {"name": "diabetes", "target_scale": "standardize"}, **mlp(32, 32, epochs=20), **adam(0.1)})
    yield Case("log_of_zero", "diverged", {"data": "digits", **mlp(16, epochs=6), **adam(2e-3), "plugins": ["own.py"], "loss": "log_of_rest"})
    yield Case("sigmoid_15", "vanishing_gradients", {"data": "digits", **mlp(*[30] * 15, epochs=6), "activation": "sigmoid"}, fast=True)
    yield Case("tanh_small_weights", "vanishing_gradients", {"data": "moons", **mlp(*[16] * 8), "activation": "tanh", "initializer": {"name": "normal", "std": 0.02}})
    yield Case("relu_large_weights", "exploding_gradients", {"data": "digits", **mlp(*[64] * 5, epochs=6), "initializer": {"name": "normal", "std": 1.0}, **sgd(1e-4)})
    yield Case("dying", "dead_units", {"data": "digits", **mlp(64, 64, 64, epochs=15), **adam(0.04)})
    yield Case("tanh_wide_weights", "saturated_units", {"data": "digits", **mlp(60, 60), "activation": "tanh", "initializer": {"name": "normal", "std": 2.0}}, fast=True)
    yield Case("zeros", "symmetric_initialization", {"data": "digits", **mlp(32, 32), "initializer": "zeros"}, fast=True)
    yield Case("constant", "symmetric_initialization", {"data": "moons", **mlp(16, 16, epochs=20), "initializer": {"name": "constant", "value": 0.1}})
    yield Case("sixty_rows", "overfitting", {"data": {"name": "digits", "limit": 60}, **mlp(200, 200, epochs=120), **adam(3e-3)})
    yield Case("diabetes_wide", "overfitting", {"data": {"name": "diabetes", "target_scale": "standardize"}, **mlp(200, 200, epochs=80), **adam(3e-3)}, fast=True)
    yield Case("two_units", "underfitting", {"data": "digits", **mlp(2, epochs=20), **adam(3e-3)})
    yield Case("straight_line", "underfitting", {"data": {"name": "circles", "noise": 0.1}, **mlp(2, epochs=25), **adam(3e-3)})
    yield Case("ever_surer", "validation_turned", {"data": {"name": "moons", "noise": 0.35, "samples": 400}, **mlp(32, 32, epochs=150), **adam(5e-3)})
    yield Case("hot_floor", "plateau", {"data": {"name": "moons", "noise": 0.3}, **mlp(32, epochs=60), **adam(0.02)})
    yield Case("batches_of_one", "noisy_loss", {"data": {"name": "moons", "noise": 0.4}, **mlp(16, epochs=10, batch=1), **sgd(0.05)})
    yield Case("l2_of_1", "penalty_dominates", {"data": "digits", **mlp(64), "regularizers": {"l2": 1.0}}, fast=True)
    yield Case("l1_of_a_tenth", "penalty_dominates", {"data": MNIST, **mlp(64, epochs=5), "regularizers": {"l1": 0.1}})
    yield Case("nine_of_ten_dropped", "dropout_too_strong", {"data": "digits", **mlp(32, 32, epochs=12), "regularizers": {"dropout": 0.9}})
    yield Case("running_values_lag", "batchnorm_mismatch", {"data": "digits", **mlp(32, 32, epochs=6), "normalization": {"name": "batch", "decay": 0.9999}}, fast=True)
    yield Case("pixels_to_255", "unscaled_inputs", {"data": {**MNIST, "scale": "none"}, **mlp(64, epochs=5), **sgd(0.1)})
    yield Case("columns_apart", "unscaled_inputs", {"data": {"name": "csv", "path": "apart.csv", "target": "y", "scale": "none"}, **mlp(16), **adam(1e-3)})
    yield Case("three_in_a_hundred", "class_imbalance", {"data": {"name": "csv", "path": "rare.csv", "target": "y"}, **mlp(8, epochs=12), **adam(2e-3)})
    yield Case("one_answer", "collapsed_predictions", {"data": {"name": "csv", "path": "sorted.csv", "target": "y"}, **mlp(8, epochs=12)})
    yield Case("coin_flips", "unlearnable_labels", {"data": {"name": "csv", "path": "coin.csv", "target": "y"}, **mlp(4, epochs=15), **adam(2e-3)})
    yield Case("numbers_at_random", "unlearnable_labels", {"data": {"name": "csv", "path": "noise.csv", "target": "y", "target_scale": "standardize"}, **mlp(4, epochs=15), **adam(2e-3)})
    clip = {"gradient_clipping": {"name": "global_norm", "threshold": 0.003}}
    yield Case("clipped_to_nothing", "clipping_always_active", {"data": "digits", **mlp(32), **sgd(0.1), **clip})


def healthy() -> Iterator[Case]:
    """Short, deep, small, regression, and every family of optimizers."""
    yield Case("one_epoch", "", {"data": "digits", **mlp(64, epochs=1)}, fast=True)
    yield Case("one_epoch_mnist", "", {"data": MNIST, **mlp(100, epochs=1), **sgd(0.1)})
    yield Case("deep_elu", "", {"data": "digits", **mlp(*[50] * 10, epochs=15), "activation": "elu"})
    yield Case("deep_batch", "", {"data": "digits", **mlp(*[50] * 12, epochs=12), "normalization": "batch"}, fast=True)
    yield Case("small", "", {"data": "iris", **mlp(8, epochs=60), **adam(5e-3)}, fast=True)
    yield Case("moons", "", {"data": {"name": "moons", "noise": 0.2}, **mlp(16, epochs=40), **adam(5e-3)})
    target = {"target_scale": "standardize"}
    yield Case("diabetes", "", {"data": {"name": "diabetes", **target}, **mlp(8, epochs=25), **adam(3e-3), "regularizers": {"l2": 1e-2}}, fast=True)
    yield Case("table", "", {"data": {"name": "csv", "path": "smooth.csv", "target": "y", **target}, **mlp(32, epochs=25), **adam(3e-3)})
    yield Case("momentum", "", {"data": "digits", **mlp(64, epochs=15), **sgd(0.03, 0.9)})
    yield Case("nadam_cycle", "", {"data": "digits", **mlp(64, 64, epochs=12), "optimizer": {"name": "nadam"}, "schedule": {"name": "one_cycle", "max_lr": 0.005}})
    yield Case("rmsprop", "", {"data": "wine", **mlp(16, epochs=30), "optimizer": {"name": "rmsprop", "lr": 1e-3}})
    yield Case("adamw_dropout", "", {"data": "digits", **mlp(100, 100, epochs=25), "optimizer": {"name": "adamw", "lr": 1e-3}, "regularizers": {"dropout": 0.3}})
    yield Case("adagrad", "", {"data": "breast_cancer", **mlp(16, epochs=20), "optimizer": {"name": "adagrad", "lr": 0.03}})
    yield Case("whole_batch", "", {"data": "iris", **mlp(8, epochs=40, batch="full"), "optimizer": {"name": "lbfgs"}})
    yield Case("muon", "", {"data": "digits", **mlp(64, 64, epochs=8), "optimizer": {"name": "muon"}})
    yield Case("lion", "", {"data": "digits", **mlp(64, 64, epochs=15), "optimizer": {"name": "lion", "lr": 3e-4}})
    yield Case("cnn", "", {"data": "digits", "architecture": {"name": "cnn", "blocks": [[8], [16]], "hidden": [32]}, "training": {"epochs": 8}})
    yield Case("stopped", "", {"data": "digits", **mlp(64, epochs=60), "regularizers": {"early_stopping": {"patience": 8}}})


def tables(folder: Path, seed: int) -> None:
    """The tables and the plugin that the cases name."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(500, 6))
    wave = np.sin(x[:, 0]) + 0.5 * x[:, 1] * x[:, 2] + 0.1 * draw.normal(size=500)
    write(folder / "smooth.csv", x, wave)
    write(folder / "noise.csv", x, draw.normal(size=500))
    write(folder / "coin.csv", x, np.where(draw.random(500) < 0.5, "heads", "tails"))
    write(folder / "apart.csv", x * np.array([1e-2, 1.0, 1e2, 3e3, 1.0, 1.0]) + np.array([0, 0, 500, 0, 0, 0]), np.where(x[:, 0] + x[:, 1] > 0, "a", "b"))
    many = draw.normal(size=(1500, 6))
    rare = many[:, 0] + draw.normal(size=1500) > 2.6
    write(folder / "rare.csv", many, np.where(rare, "rare", "usual"))
    (folder / "own.py").write_text(PLUGIN)


def write(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    lines = [",".join([*(f"x{i}" for i in range(x.shape[1])), "y"])]
    lines += [",".join([*(f"{v:.5g}" for v in row), f"{t:.5g}" if isinstance(t, float) else str(t)]) for row, t in zip(x, y.tolist(), strict=True)]
    path.write_text("\n".join(lines) + "\n")


PLUGIN = '''
"""A loss that takes the logarithm of what is left of 1 - p: it is infinite as soon as a probability rounds to 1."""

from typing import Any

from dnnlab.registry import part


@part("loss", source="made for a test", targets=frozenset({"index"}))
def log_of_rest(task: Any) -> Any:
    """Cross-entropy plus log(1 - p) over the right classes."""

    def loss(outputs: Any, batch: Any) -> Any:
        from torch.nn.functional import cross_entropy

        p = outputs.softmax(1).gather(1, batch.targets[:, None])
        return cross_entropy(outputs, batch.targets) + 0.01 * (1 - (p - 0.999).clamp(min=0) * 1e3).log().mean()

    return loss
'''
