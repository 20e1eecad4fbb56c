"""How far from 0 a regression target may lie: the bounds of dnnlab/config/target_size.py.

One smooth table of 500 rows; its target is multiplied and shifted, nothing is scaled. Prints the validation R2 of
each training as a row of a Markdown table (README.md holds it). About three minutes on one core.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from dnnlab.commands.train.events import Finished
from dnnlab.commands.train.train import train
from dnnlab.config import load_mapping
from dnnlab.data.raw import RawDataset
from dnnlab.errors import DivergedError

SIZES = [  # (mean, deviation)
    *((0.0, size) for size in (1e-3, 0.01, 0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 1e3, 1e5)),
    *((mean, 1.0) for mean in (3.0, 10.0, 30.0, 100.0)),
    (200.0, 100.0),
]
OPTIMIZERS = [{"name": "adam", "lr": 1e-3}, {"name": "adam", "lr": 1e-2}, {"name": "sgd", "lr": 1e-2}]


def table() -> tuple[np.ndarray, np.ndarray]:
    """Six inputs, and a target of mean 0 and deviation 1, of which a twelfth is noise."""
    draw = np.random.default_rng(0)
    inputs = draw.normal(size=(500, 6))
    target = inputs @ draw.normal(size=6)
    target = target / target.std() + 0.3 * draw.normal(size=500)
    return inputs, (target - target.mean()) / target.std()


def r2(inputs: np.ndarray, target: np.ndarray, keys: dict) -> float:
    """The best validation R2; NaN for a training that diverged."""
    data = {"name": "csv", "path": "from_python.csv", "target": "y"}
    raw = RawDataset((inputs, target[:, None]), target="real", target_names=("y",))
    with TemporaryDirectory() as folder:
        try:
            events = list(train(load_mapping({"data": data, **keys}), Path(folder), raw=raw))
        except DivergedError:
            return float("nan")
    return next(e.result["best"]["metrics"]["val_r2"] for e in events if isinstance(e, Finished))


def main() -> None:
    """One row for each optimizer, number of epochs and width."""
    inputs, unit = table()
    print("| training | way |", " | ".join(f"{mean:g} ± {size:g}" for mean, size in SIZES), "|")
    print("|---" * (len(SIZES) + 2) + "|")
    for optimizer in OPTIMIZERS:
        for epochs, hidden in ((20, 100), (20, 16), (200, 100), (200, 16)):
            keys = {
                "optimizer": optimizer,
                "training": {"epochs": epochs},
                "architecture": {"hidden": [hidden]},
            }
            found = [r2(inputs, mean + size * unit, keys) for mean, size in SIZES]
            words = " | ".join("-" if np.isnan(v) else f"{v:.2f}" if v > -1 else "< -1" for v in found)
            way = optimizer["lr"] * epochs * 10
            print(
                f"| {optimizer['name']} {optimizer['lr']:g}, {epochs} epochs, {hidden} units | {way:g} | {words} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
