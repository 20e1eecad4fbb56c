"""The trainings of the study: groups in which one thing is varied from far too little to far too much."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn import datasets

Arrays = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Cell:
    """One training. family: what is varied; group: trainings that are compared with each other; value: of what is varied."""

    family: str
    group: str
    value: float
    data: str
    config: dict[str, Any] = field(default_factory=dict)
    seed: int = 0

    @property
    def name(self) -> str:
        """A folder's name, of its own."""
        return f"{self.family}-{self.group}-{self.value:g}".replace(" ", "_")


def arrays(name: str, seed: int) -> Arrays:
    """Rows and targets by name: classes as integers, numbers as floats.

    `*100` behind a name multiplies its inputs.
    """
    name, _, factor = name.partition("*")
    draw = np.random.default_rng(seed)
    if name == "letters":  # ten classes, pixels
        x, y = datasets.load_digits(return_X_y=True)
        x = x / 16.0
    elif name == "wine":
        x, y = datasets.load_wine(return_X_y=True)
    elif name == "clouds":
        x, y = datasets.make_classification(
            900, 20, n_informative=10, n_classes=3, class_sep=1.5, random_state=seed
        )
    elif name == "rings":
        x, y = datasets.make_circles(600, noise=0.12, factor=0.5, random_state=seed)
    elif name == "friedman":
        x, y = datasets.make_friedman1(700, noise=1.0, random_state=seed)
    elif name == "random":
        x, y = draw.normal(size=(600, 15)), draw.integers(0, 3, 600)
    else:
        share = float(name.removeprefix("rare"))
        x, y = datasets.make_classification(
            1500, 10, n_informative=5, weights=[1 - share], class_sep=0.5, flip_y=0.0, random_state=seed
        )
    return (x * float(factor or 1)).astype(np.float32), y.astype(
        np.float32 if name == "friedman" else np.int64
    )


DATA = ("letters", "clouds", "friedman", "rings")
NETS: tuple[tuple[list[int], str], ...] = (
    ([32], "relu"),
    ([64, 64], "tanh"),
    ([32, 32], "elu"),
    ([32] * 5, "relu"),
)
OPTIMIZERS: dict[str, tuple[float, dict[str, Any]]] = {
    "sgd": (0.1, {}),
    "momentum": (0.03, {"name": "sgd", "momentum": 0.9}),
    "adam": (2e-3, {}),
    "rmsprop": (1e-3, {}),
    "nadam": (2e-3, {}),
    "adamw": (2e-3, {}),
}


def of(
    hidden: list[int], activation: str, optimizer: str = "adam", lr: float | None = None, **more: Any
) -> dict[str, Any]:
    """A config without its data."""
    usual, keys = OPTIMIZERS[optimizer]
    training = {"epochs": 25, "batch_size": 32, **more.pop("training", {})}
    chosen = {"name": optimizer, **keys, "lr": usual if lr is None else lr}
    return {
        "architecture": {"name": "mlp", "hidden": hidden},
        "activation": activation,
        "optimizer": chosen,
        "training": training,
        **more,
    }


def rates(seeds: range) -> Iterator[Cell]:
    """Learning rates over eight powers of ten."""
    for i, (data, optimizer) in enumerate(itertools.product(DATA, OPTIMIZERS)):
        hidden, activation = NETS[i % len(NETS)]
        for power in (-4, -3, -2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3):
            lr = OPTIMIZERS[optimizer][0] * 10**power
            yield Cell(
                "rate",
                f"{data} {optimizer}",
                power,
                data,
                of(hidden, activation, optimizer, lr),
                seeds[i % len(seeds)],
            )


def depths(seeds: range) -> Iterator[Cell]:
    """Hidden layers from 1 to 20, of units that saturate and of others, with initial weights that suit them and others that do not."""
    for i, activation in enumerate(("sigmoid", "tanh", "relu", "elu", "selu")):
        for depth in (1, 3, 5, 10, 20):
            yield Cell(
                "depth",
                f"{activation} auto",
                depth,
                "letters",
                of([30] * depth, activation),
                seeds[i % len(seeds)],
            )
        for std in (0.01, 0.03, 0.1, 0.2, 0.3, 1.0, 3.0):
            more = {"initializer": {"name": "normal", "std": std}}
            yield Cell(
                "initial_size",
                f"{activation} 4 layers",
                std,
                "letters",
                of([40] * 4, activation, **more),
                seeds[i % len(seeds)],
            )


def batches(seeds: range) -> Iterator[Cell]:
    """Batches of 1 to 64 rows under the same rate."""
    for i, (data, lr) in enumerate(itertools.product(("clouds", "friedman", "rings"), (0.01, 0.05, 0.2))):
        for size in (1, 2, 4, 8, 16, 32, 64):
            config = of([32], "relu", "sgd", lr, training={"batch_size": size, "epochs": 12})
            yield Cell("batch", f"{data} sgd {lr}", size, data, config, seeds[i % len(seeds)])


def rows(seeds: range) -> Iterator[Cell]:
    """Few to many training rows for a wide net."""
    for i, data in enumerate(DATA):
        for n in (20, 40, 80, 160, 400):
            config = of([100, 100], "relu", data={"limit": n}, training={"epochs": 200 if n < 160 else 80})
            yield Cell("rows", data, n, data, config, seeds[i % len(seeds)])


def strengths(seeds: range) -> Iterator[Cell]:
    """Penalties and dropout from nothing to all."""
    for i, data in enumerate(("letters", "clouds", "friedman")):
        for name, values in {
            "l2": (1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0),
            "l1": (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1),
        }.items():
            for value in values:
                yield Cell(
                    name,
                    f"{data} {name}",
                    value,
                    data,
                    of([64], "relu", regularizers={name: value}),
                    seeds[i % len(seeds)],
                )
        for rate in (0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
            yield Cell(
                "dropout",
                data,
                rate,
                data,
                of([64, 64], "relu", regularizers={"dropout": rate}),
                seeds[i % len(seeds)],
            )


def running(seeds: range) -> Iterator[Cell]:
    """BatchNorm whose running values follow fast or hardly at all."""
    for i, data in enumerate(("letters", "clouds", "friedman")):
        for decay, size in itertools.product((0.5, 0.9, 0.99, 0.999, 0.9999), (2, 8, 32)):
            more = {
                "normalization": {"name": "batch", "decay": decay},
                "training": {"batch_size": size, "epochs": 10},
            }
            yield Cell(
                "decay", f"{data} {size}", decay, data, of([32, 32], "relu", **more), seeds[i % len(seeds)]
            )


def sizes(seeds: range) -> Iterator[Cell]:
    """Inputs that are not scaled, times 0.1 to 1000."""
    for i, (data, optimizer) in enumerate(
        itertools.product(("letters", "rings", "clouds"), ("sgd", "adam", "momentum"))
    ):
        for factor in (0.1, 1, 3, 10, 30, 100, 300, 1000):
            config = of([32, 32], ("relu", "tanh")[i % 2], optimizer, data={"scale": "none"})
            yield Cell(
                "input_size", f"{data} {optimizer}", factor, f"{data}*{factor}", config, seeds[i % len(seeds)]
            )


def others(seeds: range) -> Iterator[Cell]:
    """Rare classes, thresholds of clipping, labels without meaning, capacity."""
    for i, share in enumerate((0.5, 0.33, 0.2, 0.1, 0.05, 0.02)):
        yield Cell(
            "rare",
            "classes",
            share,
            f"rare{share}",
            of([8], "relu", training={"epochs": 15}),
            seeds[i % len(seeds)],
        )
    for threshold in (100.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.01, 1e-3):
        clip = {"gradient_clipping": {"name": "global_norm", "threshold": threshold}}
        yield Cell(
            "clipping", "letters sgd", threshold, "letters", of([32, 32], "relu", "sgd", **clip), seeds[0]
        )
    for i, seed in enumerate(seeds):
        yield Cell("labels", f"random {i}", 0, "random", of([4], "relu"), seed)
    for data in ("letters", "clouds", "friedman", "rings"):
        for width in (1, 2, 4, 8, 32):
            yield Cell("width", data, width, data, of([width], "relu", training={"epochs": 40}), seeds[0])


def cells(seeds: range) -> list[Cell]:
    """All trainings."""
    return [
        cell
        for family in (rates, depths, batches, rows, strengths, running, sizes, others)
        for cell in family(seeds)
    ]
