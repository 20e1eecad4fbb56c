"""Trials a minute of `dnnlab sweep`, counted from the first trial's start, beside a loop by hand and beside Optuna with Lightning.

    DNNLAB_DATA=~/data python benchmarks/sweep_rate.py            (about 15 minutes; 10 where Lightning is not
    installed)

20 trials of one epoch of 10,000 MNIST images in batches of 32, and the accuracy on 1,000 others. dnnlab keeps
a run folder of each trial, with curves, checkpoint and verdicts. Beside its two workers:
  by hand: a pool of two processes and a plain loop (torch.optim.Adam as it comes, one thread) that keeps
  weights and a line of results tuned by hand: the same with fused Adam and dnnlab's process settings, and
  nothing is kept: no gate, for it is no sweep Optuna with Lightning in one process (threads as torch likes; 4
  trials a round, times five)
and one worker against the engine alone on the same trials: what a trial costs beyond its training. All are
measured in turn, in fresh processes, after a round that does not count. Then 200 trials of moons 2-5-2-1 of
20 epochs: reported.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import sweep_hand
import yaml
from paired import LEAST_PAIRS, RESAMPLES, compare, interleave

from dnnlab.commands.sweep.events import Moment, TrialOver
from dnnlab.commands.sweep.load_spec import read_source
from dnnlab.commands.sweep.sweep import planned, sweep
from dnnlab.config.tree import tree
from dnnlab.search.parse import parse_space
from dnnlab.search.points import point

TRIALS = 20
LIGHTNING_TRIALS = 4
HAND, LIGHTNING, OVERHEAD = 1 / 0.95, 1 / 2.5, 0.025
LR = {"optimizer.lr": {"log_uniform": [1e-4, 1e-2]}}
MNIST = {
    "data": {"name": "mnist", "validation": {"first": 1000}, "test": "none", "limit": 10_000},
    "architecture": {"name": "mlp", "hidden": [300, 100]},
    "activation": "elu",
    "training": {"epochs": 1, "batch_size": 32},
}
MOONS = {
    "data": {"name": "moons", "samples": 1000, "noise": 0.15},
    "architecture": {"name": "mlp", "hidden": [5, 2]},
    "activation": "tanh",
    "loss": "binary_cross_entropy",
    "optimizer": {"name": "sgd", "momentum": 0.9},
    "training": {"epochs": 20, "batch_size": 16},
}


def sweep_seconds(folder: Path, base: dict[str, Any], trials: int, workers: int) -> float:
    """Run a sweep; seconds from the start of its first trial to the end of its last.

    Raises `AssertionError` unless all are done.
    """
    (folder / "base.yaml").write_text(yaml.safe_dump(base))
    (folder / "sweep.yaml").write_text(
        yaml.safe_dump({"base": "base.yaml", "search": LR, "trials": trials, "workers": workers})
    )
    runs = folder / "runs"
    began = ended = 0.0
    done = 0
    for event in sweep(
        planned(*read_source(str(folder / "sweep.yaml"), [], [], {}, runs)),
        runs,
        stop=SimpleNamespace(status=None),
    ):
        if type(event) is Moment and event.running and not began:
            began = perf_counter()
        elif type(event) is TrialOver:
            ended, done = perf_counter(), done + (event.state == "done")
    assert done == trials, f"{done} of {trials} trials are done"
    shutil.rmtree(runs)
    return ended - began


@contextmanager
def pool(
    folder: Path, processes: int, threads: int | None, *, as_it_comes: bool
) -> Iterator[ProcessPoolExecutor]:
    """Processes that have the data. threads: None for as many as torch likes. as_it_comes: without dnnlab's process settings."""
    if as_it_comes:
        os.environ["AS_IT_COMES"] = "1"
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        processes, context, initializer=sweep_hand.load, initargs=(folder, threads)
    ) as found:
        list(found.map(abs, range(4 * processes)))  # a process is started when it is needed
        os.environ.pop("AS_IT_COMES", None)
        yield found


def hand_seconds(folder: Path, lrs: Sequence[float], *, tuned: bool) -> float:
    """The loop by hand in two fresh processes: seconds from the start of the first trial to the end of the last."""
    kept = None if tuned else folder / "kept"
    if kept is not None:
        kept.mkdir(exist_ok=True)
    with pool(folder, 2, 1, as_it_comes=not tuned) as processes:
        found = list(processes.map(sweep_hand.by_hand, lrs, repeat(kept)))
    return max(end for _, end in found) - min(began for began, _ in found)


def alone_seconds(
    folder: Path, function: Callable[..., float], *arguments: Any, threads: int | None
) -> float:
    """What a function measures in a fresh process."""
    with pool(folder, 1, threads, as_it_comes=threads is None) as processes:
        return processes.submit(function, *arguments).result()


def write_arrays(folder: Path) -> None:
    """Both parts of the data as dnnlab prepares them, as files."""
    from dnnlab.assembly.session import build
    from dnnlab.config import load_mapping

    session = build(load_mapping(MNIST)).session
    for split in sweep_hand.SPLITS:
        part = getattr(session, split)
        np.save(folder / f"{split}_inputs.npy", part.inputs.flatten(1).numpy())
        np.save(folder / f"{split}_targets.npy", part.targets.numpy())


def print_overhead(sweeps: Sequence[float], fits: Sequence[float], trials: int) -> bool:
    """The row of what a trial costs beyond its training; whether the gate is missed beyond doubt."""
    extra = (np.asarray(sweeps) - np.asarray(fits)) / trials
    drawn = np.random.default_rng(0).integers(len(extra), size=(RESAMPLES, len(extra)))
    low, high = np.quantile(np.median(extra[drawn], axis=1), [0.025, 0.975])
    missed = bool(low > OVERHEAD)
    verdict = f"gate {1e3 * OVERHEAD:.0f} ms  {'MISSED' if missed else 'met'}"
    milliseconds = [f"{1e3 * seconds:.1f}" for seconds in (np.median(extra), low, high)]
    print(f"a trial beyond its training   {milliseconds[0]} ms [{', '.join(milliseconds[1:])}]  {verdict}")
    return missed


def mnist(folder: Path, rounds: int, trials: int) -> int:
    """All rows of the MNIST sweep; how many gates are missed."""
    space = parse_space(tree(LR))
    lrs = [float(point(space, "random", 0, number)["optimizer.lr"]) for number in range(trials)]
    configs = [{**MNIST, "optimizer": {"name": "adam", "lr": lr}} for lr in lrs]
    measures: dict[str, Callable[[], float]] = {
        "dnnlab, two workers": lambda: sweep_seconds(folder, MNIST, trials, 2),
        "by hand": lambda: hand_seconds(folder, lrs, tuned=False),
        "tuned by hand": lambda: hand_seconds(folder, lrs, tuned=True),
        "dnnlab, one worker": lambda: sweep_seconds(folder, MNIST, trials, 1),
        "the engine alone": lambda: alone_seconds(folder, sweep_hand.by_engine, configs, threads=1),
    }
    if importlib.util.find_spec("lightning") is None:
        print("lightning: not installed, skipped")
    else:
        few, logs = lrs[:LIGHTNING_TRIALS], folder / "lightning"
        measures["Optuna with Lightning"] = lambda: (
            alone_seconds(folder, sweep_hand.by_lightning, few, logs, threads=None) * trials / len(few)
        )
    seconds = dict(zip(measures, interleave(list(measures.values()), rounds), strict=True))
    for name, column in seconds.items():
        print(f"{name:28s}  {60 * trials / np.median(column):8.1f} trials a minute")
    ours = seconds["dnnlab, two workers"]
    rows = [
        compare("dnnlab / by hand", ours, seconds["by hand"], HAND),
        compare("dnnlab / tuned by hand, nothing kept", ours, seconds["tuned by hand"]),
    ]
    if "Optuna with Lightning" in seconds:
        rows.append(
            compare("dnnlab / Optuna with Lightning", ours, seconds["Optuna with Lightning"], LIGHTNING)
        )
    for row in rows:
        print(row.row())
    return sum(row.missed for row in rows) + print_overhead(
        seconds["dnnlab, one worker"], seconds["the engine alone"], trials
    )


def main() -> int:
    """Measure and print; exit code 1 when a gate is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rounds", type=int, default=LEAST_PAIRS, help="of each that count, at least 9 (default 9)"
    )
    parser.add_argument("--trials", type=int, default=TRIALS, help="of a round (default 20)")
    parser.add_argument("--moons", type=int, default=200, help="trials of moons (default 200)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_arrays(folder)
        missed = mnist(folder, options.rounds, options.trials)
        seconds = sweep_seconds(folder, MOONS, options.moons, 2)
        print(
            f"{options.moons} trials of moons, 20 epochs  {60 * options.moons / seconds:8.1f} trials a minute (two workers)"
        )
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
