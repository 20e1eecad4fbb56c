"""Seconds an epoch of dnnlab and its peers: MLP 784-300-100-10, ELU, Adam, 55,000 MNIST images, batch 32 and 128.

    pip install -r benchmarks/requirements.txt
    DNNLAB_DATA=~/data python benchmarks/peers.py

Each is a process of its own (peer_worker.py) that stays alive and trains one epoch at a command, so that all
are measured in turn; the first epoch (compiling, warming up) does not count. All get the same arrays, already
scaled. An epoch is what the tool does from the beginning of one epoch to the beginning of the next with its
usual habits: training metrics and, where it has them, logs; no validation, no checkpoints. torch runs on one
thread, dnnlab's default; JAX takes all cores, as it comes, so beside it stands dnnlab on all cores
(`training: {threads: N}`). Not installed: skipped.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from paired import LEAST_PAIRS, compare, interleave

SIZES = (32, 128)
# name -> what must be installed
NEEDS = {
    "dnnlab": (),
    "dnnlab-bf16": (),
    "dnnlab-cores": (),
    "dnnlab-cores-bf16": (),
    "lightning": ("lightning",),
    "skorch": ("skorch",),
    "keras-torch": ("keras",),
    "keras-jax": ("keras", "jax"),
}
# (A, B, batch size) -> gate of A / B
GATES: dict[tuple[str, str, int], float | None] = {
    ("dnnlab", peer, size): 1.0 for peer in ("lightning", "skorch", "keras-torch") for size in SIZES
}
GATES |= {("dnnlab", "keras-jax", size): None for size in SIZES}
GATES |= {
    ("dnnlab-cores", "keras-jax", 32): 1.0,
    ("dnnlab-cores", "keras-jax", 128): 1.15,
    ("dnnlab-cores-bf16", "keras-jax", 128): 1.15,
}


class Worker:
    """A process that trains one epoch whenever a line arrives, and answers with its seconds."""

    def __init__(self, name: str, size: int, folder: Path) -> None:
        backend = name.partition("-")[2] if name.startswith("keras") else ""
        environment = {**os.environ, **({"KERAS_BACKEND": backend} if backend else {})}
        command = [
            sys.executable,
            str(Path(__file__).with_name("peer_worker.py")),
            name,
            str(size),
            str(folder),
        ]
        with (folder / f"{name}-{size}.err").open("wb") as err:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err, env=environment, text=True
            )
        self.err = folder / f"{name}-{size}.err"

    def epoch(self) -> float:
        """Train one epoch; its seconds. Raises `RuntimeError` with what the process said when it has died."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write("epoch\n")
            self.process.stdin.flush()
            return float(self.process.stdout.readline())
        except (BrokenPipeError, ValueError):
            raise RuntimeError(self.err.read_text()[-2000:]) from None

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()


def measure(size: int, folder: Path, rounds: int, only: list[str]) -> dict[str, list[float]]:
    """Seconds an epoch of everybody who is installed, round by round."""
    here = [name for name in only if all(importlib.util.find_spec(module) for module in NEEDS[name])]
    for name in only:
        if name not in here:
            print(f"{name}: not installed, skipped")
    workers = [Worker(name, size, folder) for name in here]
    try:
        measures: list[Callable[[], float]] = [worker.epoch for worker in workers]
        return dict(zip(here, interleave(measures, rounds), strict=True))
    finally:
        for worker in workers:
            worker.close()


def write_arrays(folder: Path) -> None:
    """The first 55,000 training images, scaled by the mean and deviation of all pixels, as the files that every worker reads."""
    from dnnlab.assembly.session import build
    from dnnlab.config import load_mapping

    data = {"name": "mnist", "validation": {"first": 5000}, "test": "none"}
    part = build(
        load_mapping({"data": data, "architecture": {"name": "mlp", "hidden": [300, 100]}})
    ).session.train
    np.save(folder / "inputs.npy", part.inputs.flatten(1).numpy())
    np.save(folder / "targets.npy", part.targets.numpy())


def main() -> int:
    """Measure and print; exit code 1 when a gate is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rounds", type=int, default=LEAST_PAIRS, help="epochs of each that count, at least 9 (default 9)"
    )
    parser.add_argument(
        "--only", nargs="+", choices=list(NEEDS), default=list(NEEDS), help="these tools alone"
    )
    options = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_arrays(folder)
        for size in SIZES:
            seconds = measure(size, folder, options.rounds, options.only)
            for name, column in seconds.items():
                print(f"{name:17s} batch {size:3d}  median {np.median(column):7.3f} s an epoch")
            for (a, b, wanted), gate in GATES.items():
                if wanted == size and a in seconds and b in seconds:
                    result = compare(f"{a} / {b}, batch {size}", seconds[a], seconds[b], gate)
                    missed += result.missed
                    print(result.row(), flush=True)
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
