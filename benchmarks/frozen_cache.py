"""An epoch above a frozen bottom whose outputs are computed once, beside the same epoch that computes them in every step.

    python benchmarks/frozen_cache.py

Both train the same net on the same rows and must end with the same weights. The nets begin with random weights: what is
frozen costs the same whatever it has learned.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

from dnnlab.engine.runtime import prepare

prepare()

import torch  # noqa: E402 (the process is set up first)
from paired import paired  # noqa: E402

from dnnlab.assembly.session import build  # noqa: E402
from dnnlab.config import load_mapping  # noqa: E402
from dnnlab.engine.loop import Clock, train_epoch  # noqa: E402
from dnnlab.engine.session import Session  # noqa: E402

NETS: dict[str, tuple[dict[str, Any], str, float]] = {
    "MLP 784-1000-1000-100, two of three frozen": (
        {"name": "mlp", "hidden": [1000, 1000, 100]},
        "hidden[12]",
        1 / 3,
    ),
    "CNN, convolutions frozen": (
        {"name": "cnn", "blocks": [[32, 32], [64]], "hidden": [100]},
        "conv.*",
        1 / 10,
    ),
}
SILENT = (
    "update_ratio_every",
    "gradient_norm_every",
    "activations_every",
    "dead_units_every",
    "predictions_every",
    "histograms",
    "steps_every",
)


def session(architecture: dict[str, Any], freeze: str, cache: str) -> Session:
    """A session that logs nothing, as `lr-find` and sweeps without records have it."""
    config = {
        "data": {"name": "mnist", "limit": 4000},
        "architecture": architecture,
        "reuse": {"from": "no source is read", "freeze": freeze, "cache_frozen": cache},
        "training": {"epochs": 1000, "batch_size": 128},
        "logging": {**dict.fromkeys(SILENT, "none"), "train_eval": False},
    }
    return build(load_mapping(config)).session


def epoch_of(s: Session) -> Callable[[], float]:
    """Seconds of the next epoch's steps, without validation."""

    def measure() -> float:
        began = perf_counter()
        for _ in train_epoch(s, Clock(0.0)):
            pass
        took = perf_counter() - began
        s.progress.epoch, s.progress.in_epoch, s.running = s.progress.epoch + 1, 0, None
        return took

    return measure


def main() -> int:
    """Print a row for each net; 1 if a gate is missed or the weights differ."""
    failed = False
    for name, (architecture, freeze, gate) in NETS.items():
        cached, plain = (session(architecture, freeze, word) for word in ("memory", "none"))
        found = paired(name, epoch_of(cached), epoch_of(plain), gate=gate)
        same = all(map(torch.equal, cached.net.state_dict().values(), plain.net.state_dict().values()))
        if not same:
            print("the weights differ")
        failed |= found.missed or not same
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
