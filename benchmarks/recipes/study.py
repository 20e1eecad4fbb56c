"""Recipes of `new --data` beside a linear model and boosted trees, over small tables: writes results.csv.

    OMP_NUM_THREADS=1 python benchmarks/recipes/study.py [--seeds 3] [--only NAME ...]

Each cell is a table of so many rows, drawn with its seed; the config splits off validation (and test) rows as `new`
writes it, and the models beside learn the same training rows. The score, accuracy or R2, is that of rows outside of
the table. About ten minutes on one idle core.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from sklearn import datasets
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge

from dnnlab.commands.new.table_recipe import epochs_for, table_recipe
from dnnlab.commands.train.events import Started
from dnnlab.commands.train.train import train
from dnnlab.config import load_mapping
from dnnlab.data.raw import RawDataset
from dnnlab.engine.runtime import prepare

HERE = Path(__file__).parent
SILENT = dict.fromkeys(
    (
        "update_ratio_every",
        "gradient_norm_every",
        "activations_every",
        "dead_units_every",
        "predictions_every",
        "histograms",
    ),
    "none",
) | {"train_eval": False}
PATIENT = {"times": 4, "monitor": "val_loss"}
# name -> l2, hidden, dropout, monitor, and how many times the epochs and patiences; {}: the recipe of `new`
RECIPES: dict[str, dict[str, Any]] = {
    "l2 1e-3": {"l2": 1e-3},
    "l2 1e-2": {"l2": 1e-2},
    "l2 1e-2, patient": {"l2": 1e-2, **PATIENT},
    "l2 3e-2, patient": {"l2": 3e-2, **PATIENT},
    "l2 1e-1, patient": {"l2": 1e-1, **PATIENT},
    "l2 3e-2, dropout 0.2, patient": {"l2": 3e-2, "dropout": 0.2, **PATIENT},
    "l2 1e-1, dropout 0.3, patient": {"l2": 1e-1, "dropout": 0.3, **PATIENT},
    "new --data": {},
}
Arrays = tuple[np.ndarray, np.ndarray]


def linear(rows: int, seed: int) -> Arrays:
    """20 inputs, of which 5 count, and noise of the size of the signal."""
    draw = np.random.default_rng(seed)
    inputs = draw.normal(size=(rows, 20))
    return inputs, inputs[:, :5].sum(axis=1) + np.sqrt(5) * draw.normal(size=rows)


def friedman(rows: int, seed: int) -> Arrays:
    """Friedman's first function: curved and with an interaction, 5 of 10 inputs."""
    return datasets.make_friedman1(rows, noise=1.0, random_state=seed)


def clusters(rows: int, seed: int) -> Arrays:
    """Three classes of two clusters each, 6 of 20 inputs, a twentieth of the labels drawn anew."""
    return datasets.make_classification(
        rows,
        n_features=20,
        n_informative=6,
        n_classes=3,
        n_clusters_per_class=2,
        flip_y=0.05,
        random_state=seed,
    )


def bundled(name: str) -> Arrays:
    """A table that comes with scikit-learn."""
    return getattr(datasets, f"load_{name}")(return_X_y=True)


MADE: dict[str, Callable[[int, int], Arrays]] = {"linear": linear, "friedman": friedman, "clusters": clusters}
REAL = {
    "diabetes": (60, 120, 240, 350),
    "breast_cancer": (60, 120, 240, 450),
    "wine": (60, 120),
    "iris": (60, 120),
}
SIZES = (60, 120, 240, 480, 1000, 2500)
OUTSIDE = 2000


def cells(seeds: int) -> Iterator[tuple[str, int, int, Arrays, Arrays]]:
    """Name, rows, seed, the table, and the rows outside of it."""
    for seed in range(seeds):
        for name, made in MADE.items():
            inputs, targets = made(SIZES[-1] + OUTSIDE, 7 + seed)
            outside = (inputs[-OUTSIDE:], targets[-OUTSIDE:])
            for rows in SIZES:
                yield name, rows, seed, (inputs[:rows], targets[:rows]), outside
        for name, sizes in REAL.items():
            inputs, targets = bundled(name)
            order = np.random.default_rng(seed).permutation(len(inputs))
            for rows in sizes:
                inside, rest = order[:rows], order[sizes[-1] :]
                yield name, rows, seed, (inputs[inside], targets[inside]), (inputs[rest], targets[rest])


def keys_of(recipe: dict[str, Any], rows: int, classes: bool, seed: int) -> dict[str, Any]:
    """The config of `new` for a table of so many rows, with the keys of a recipe."""
    few, made, epochs = rows < 300, table_recipe(rows, "classes" if classes else "numbers"), epochs_for(rows)
    if recipe:  # as `new` chose before the study, times what the recipe says
        times = recipe.get("times", 1)
        made = replace(
            made,
            l2=f"{recipe['l2']}",
            dropout=f"{recipe.get('dropout', '')}",
            epochs=times * epochs,
            patience=times * min(25, epochs // 4),
            rate_patience=times * min(8, epochs // 8),
            monitor=recipe.get("monitor", ""),
        )
    data: dict[str, Any] = {"name": "csv", "path": "made.csv", "target": "y", "split_seed": seed}
    data |= {"validation": 0.3 if few else 0.2, "test": "none" if few else 0.2}
    dropout = {"dropout": float(made.dropout)} if made.dropout else {}
    return {
        "data": data | ({} if classes else {"target_scale": "standardize"}),
        "seed": seed,
        "architecture": {"name": "mlp", "hidden": recipe.get("hidden", [64, 32])},
        "optimizer": {"name": "adam", "lr": 2e-3},
        "schedule": {"name": "performance", "patience": made.rate_patience},
        "regularizers": {"l2": float(made.l2), **dropout, "early_stopping": {"patience": made.patience}},
        "training": {"epochs": made.epochs, "batch_size": 32, "monitor": made.monitor or "auto"},
        "logging": SILENT,
    }


def trained(keys: dict[str, Any], table: Arrays) -> Started:
    """A training with the net in its last state, which has the best weights."""
    inputs, targets = table
    classes = targets.dtype.kind in "iu"
    names = tuple(f"c{i}" for i in range(int(targets.max()) + 1)) if classes else ()
    raw = RawDataset(
        (inputs, targets.astype(np.int64) if classes else targets[:, None].astype(float)),
        target="index" if classes else "real",
        class_names=names,
        target_names=() if classes else ("y",),
    )
    with TemporaryDirectory() as folder:
        return next(
            e for e in list(train(load_mapping(keys), Path(folder), raw=raw)) if isinstance(e, Started)
        )


@torch.no_grad()
def answers(started: Started, inputs: np.ndarray) -> np.ndarray:
    """Classes, or numbers in their own units."""
    built = started.built
    outputs = built.session.net.eval()(built.data.scaling.apply(inputs)).numpy()
    if built.data.target == "index":
        return outputs.argmax(1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0).astype(int)
    scaling = built.data.target_scaling
    return outputs[:, 0] * scaling.scale[0] + scaling.offset[0]


def score(answered: np.ndarray, targets: np.ndarray) -> float:
    """Accuracy or R2."""
    if targets.dtype.kind in "iu":
        return float((answered == targets).mean())
    return float(1 - np.square(answered - targets).sum() / np.square(targets - targets.mean()).sum())


def beside(started: Started, outside: Arrays) -> Iterator[tuple[str, float]]:
    """The linear model and boosted trees on the same training rows."""
    data, classes = started.built.data, started.built.data.target == "index"
    inputs, targets = data.train.inputs.numpy(), data.train.targets.numpy()
    new = data.scaling.apply(outside[0]).numpy()
    models = (
        {
            "linear model": LogisticRegression(max_iter=1000),
            "boosted trees": HistGradientBoostingClassifier(random_state=0),
        }
        if classes
        else {
            "linear model": Ridge(alpha=1.0),
            "boosted trees": HistGradientBoostingRegressor(random_state=0),
        }
    )
    for name, model in models.items():
        found = model.fit(inputs, targets if classes else targets[:, 0]).predict(new)
        if not classes:
            found = found * data.target_scaling.scale[0] + data.target_scaling.offset[0]
        yield name, score(found, outside[1])


def main() -> None:
    """Train all recipes on all cells; a row of results.csv for each."""
    prepare()
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(RECIPES))
    parser.add_argument("--out", type=Path, default=HERE / "results.csv")
    asked = parser.parse_args()
    with asked.out.open("w", newline="") as file:
        rows_out = csv.writer(file, lineterminator="\n")
        rows_out.writerow(["table", "rows", "inputs", "seed", "model", "score"])
        for name, rows, seed, table, outside in cells(asked.seeds):
            head = [name, rows, table[0].shape[1], seed]
            for model in asked.only:
                keys = keys_of(RECIPES[model], rows, table[1].dtype.kind in "iu", seed)
                started = trained(keys, table)
                rows_out.writerow([*head, model, f"{score(answers(started, outside[0]), outside[1]):.4f}"])
            for other, found in beside(started, outside):
                rows_out.writerow([*head, other, f"{found:.4f}"])
            file.flush()
            print(*head, flush=True)


if __name__ == "__main__":
    main()
