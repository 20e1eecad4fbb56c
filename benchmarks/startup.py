"""CPU and wall time of commands that need no torch: help, config errors, runs and sweeps shown or refused.

Medians of nine processes, with gates. With --against, CPU seconds of this build and of another checkout, A B A B, and
the median of their ratios: a command that imported torch there and does not here takes at most a third.

    python benchmarks/startup.py
    python benchmarks/startup.py --against ../another-checkout
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from paired import Comparison, paired

RUNS = 9
HERE = Path(__file__).resolve().parents[1]
BROKEN = "data: digits\narchitecture: {name: mlp, hiden: [100]}\n"
CONFIG = "data: digits\narchitecture: {name: mlp, hidden: [32, 32]}\ntraining: {epochs: 1}\n"
SWEEP = "base: config.yaml\nsearch: {optimizer.lr: {log_uniform: [1e-4, 1e-2]}}\ntrials: 4\nworkers: 1\n"
LIGHTER = 1 / 3  # of the CPU time that the other checkout takes, where torch is not imported any more
ALIKE = 1.03
COMMANDS = [
    ("--help", 0, ALIKE),
    ("evaluate --help", 0, ALIKE),
    ("train broken.yaml", 2, ALIKE),
    ("check config.yaml --static", 0, ALIKE),
    ("list", 0, ALIKE),
    ("runs", 0, ALIKE),
    ("compare RUN", 0, ALIKE),
    ("doctor RUN", 0, ALIKE),
    ("show adam", 0, ALIKE),
    ("show RUN", 0, LIGHTER),
    ("show SWEEP", 0, LIGHTER),
    ("resume RUN", 2, LIGHTER),
    ("resume SWEEP", 2, LIGHTER),
]


def seconds(command: list[str], code: int) -> list[float]:
    """Seconds of every run, after one that does not count.

    Raises `AssertionError` when the exit code is not the one expected.
    """
    times = []
    for _ in range(RUNS + 1):
        began = perf_counter()
        finished(command, code)
        times.append(perf_counter() - began)
    return times[1:]


def finished(command: list[str], code: int, folder: Path | None = None, checkout: Path | None = None) -> None:
    """Run a command to its end. Raises `AssertionError` when the exit code is not the one expected."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)} if checkout else None
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == code, f"{command}: exit {done.returncode}, expected {code}: {done.stderr}"


def cpu_seconds(words: list[str], code: int, folder: Path, checkout: Path) -> float:
    """CPU seconds, of user and system, of one command of a checkout."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    finished([sys.executable, "-m", "dnnlab", *words], code, folder, checkout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def made_folder(folder: Path) -> dict[str, str]:
    """Train a run and a sweep of this build in a folder; their paths by RUN and SWEEP."""
    for name, text in (("broken.yaml", BROKEN), ("config.yaml", CONFIG), ("sweep.yaml", SWEEP)):
        (folder / name).write_text(text)
    for command in ("train config.yaml", "sweep sweep.yaml"):
        finished([sys.executable, "-m", "dnnlab", *command.split(), "--quiet"], 0, folder, HERE)
    run = next(folder.glob("runs/*/metrics.jsonl")).parent
    sweep = next(folder.glob("runs/*/ledger.jsonl")).parent
    return {"RUN": str(run.relative_to(folder)), "SWEEP": str(sweep.relative_to(folder))}


def against(other: Path, folder: Path) -> list[Comparison]:
    """CPU seconds of every command, this build beside the other one."""
    names = made_folder(folder)

    def measure(command: str, code: int, checkout: Path) -> Callable[[], float]:
        words = [names.get(word, word) for word in command.split()]
        return lambda: cpu_seconds(words, code, folder, checkout)

    print(f"{'CPU seconds of':44s}   this      other")
    return [
        paired(f"dnnlab {command}", measure(command, code, HERE), measure(command, code, other), gate=gate)
        for command, code, gate in COMMANDS
    ]


def gates(folder: Path) -> int:
    """Measure this build alone and print; how many gates are missed."""
    broken = folder / "broken.yaml"
    broken.write_text(BROKEN)
    python = [sys.executable]
    rows = [
        ("python -c pass (for comparison)", [*python, "-c", "pass"], 0, None),
        ("import dnnlab", [*python, "-c", "import dnnlab"], 0, None),
        ("dnnlab --help", [*python, "-m", "dnnlab", "--help"], 0, 0.3),
        (
            "a config error",
            [*python, "-m", "dnnlab", "train", str(broken), "--runs-dir", str(folder)],
            2,
            0.5,
        ),
    ]
    missed = 0
    for name, command, code, gate in rows:
        times = seconds(command, code)
        late = gate is not None and median(times) > gate
        missed += late
        verdict = "" if gate is None else f"  gate {gate:.1f} s  {'MISSED' if late else 'met'}"
        print(
            f"{name:34s} median {median(times):.3f} s  (from {min(times):.3f} to {max(times):.3f}){verdict}",
            flush=True,
        )
    return missed


def main() -> int:
    """Measure and print; exit code 1 when a gate is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another checkout of dnnlab")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.against is None:
            return int(gates(Path(folder)) > 0)
        return int(any(row.missed for row in against(options.against.resolve(), Path(folder))))


if __name__ == "__main__":
    raise SystemExit(main())
