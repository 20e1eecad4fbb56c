"""Runs written by hand with everything that training records, in the forms of the run folder."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from helpers.fake_runs import make_run

LAYERS = ("hidden1", "hidden2", "output")
STEPS = 10  # an epoch
RNG = np.random.default_rng(0)


def recorded_run(
    runs: Path,
    epochs: int = 6,
    classes: Sequence[str] = ("cat", "dog"),
    layers: Sequence[str] = LAYERS,
    **meta: Any,
) -> Path:
    """A run with all record files. layers: their names; classes: those of the data."""
    values = [1 - 0.5 * math.exp(-epoch / 3) for epoch in range(epochs)]
    trained = [value + 0.01 for value in values]
    more = {"train_accuracy": trained, "train_eval_accuracy": values, "val_accuracy_ema": values}
    path = make_run(runs, values, more=more, **meta)
    steps = range(1, STEPS * epochs + 1, 5)
    places = [{"step": step, "epoch": -(-step // STEPS)} for step in steps]
    write(
        path,
        "steps.jsonl",
        [
            {
                **at,
                "loss": 2 / at["step"],
                "penalty": 0.01,
                "lr": 0.001,
                "gradient_norm": 1.5,
                "clipped": False,
            }
            for at in places
        ],
    )
    write(
        path,
        "update_ratios.jsonl",
        [{**at, "ratios": {f"{n}.weight": 1e-3 / (i + 1) for i, n in enumerate(layers)}} for at in places],
    )
    write(
        path,
        "gradients.jsonl",
        [{**at, "norms": {n: 10.0**-i for i, n in enumerate(layers)}} for at in places],
    )
    ends = [{"step": STEPS * epoch, "epoch": epoch} for epoch in range(1, epochs + 1)]
    numbers = {"mean": 0.1, "std": 1.0, "zeros": 0.5, "saturated": None}
    write(path, "activations.jsonl", [{**at, "layers": dict.fromkeys(layers, numbers)} for at in ends])
    write(
        path,
        "dead_units.jsonl",
        [{**at, "units": {n: {"dead": 3, "of": 16} for n in layers[:-1]}} for at in ends],
    )
    shares = {name: 1 / len(classes) for name in classes}
    write(path, "predictions.jsonl", [{**at, "rows": 256, "shares": shares, "labels": shares} for at in ends])
    if epochs:
        save_file(histograms(layers, epochs), path / "histograms.safetensors")
    described = {
        "name": "pets",
        "in_shape": [1, 8, 8],
        "target": "index",
        "classes": len(classes),
        "names": list(classes),
        "rows": {"train": 100},
    }
    (path / "data.json").write_text(json.dumps({**described, "rows": {"train": 100}}))
    (path / "resolved.yaml").write_text("name: digits\n")
    return path


def histograms(layers: Sequence[str], epochs: int) -> dict[str, Any]:
    """The arrays of histograms.safetensors."""
    arrays: dict[str, Any] = {"epochs": np.arange(1, epochs + 1)}
    for kind in ("activations", "gradients"):
        for layer in layers:
            found = [np.histogram(RNG.normal(size=500), 64) for _ in range(epochs)]
            arrays[f"{kind}/{layer}"] = np.stack([counts for counts, _ in found])
            arrays[f"{kind}/{layer}/edges"] = np.stack([edges for _, edges in found])
    return arrays


def write(path: Path, file: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as JSON lines."""
    (path / file).write_text("".join(json.dumps(row) + "\n" for row in rows))
