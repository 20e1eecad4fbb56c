"""Does a killed run end exactly like one that was left alone? SIGKILL by progress, resumed and killed again; then every bit is compared.

    python benchmarks/kills.py --kills 100

The job (tests/kill.py) has everything that a resume could forget: dropout, mixup, shifted images, momentum, BatchNorm, warmup, a schedule
and an early stopping that count, an averaged model, clipping. Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from kill import Life, draw, live, reference


def main() -> int:
    """Kill until the number is reached, and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100, help="SIGKILLs in all (default 100)")
    parser.add_argument("--per-life", type=int, default=10, help="SIGKILLs in one run's life (default 10)")
    parser.add_argument("--epochs", type=int, default=500, help="length of the job, to be at least 20 s (default 500)")
    parser.add_argument("--seed", type=int, default=0, help="of the rows at which runs are killed (default 0)")
    parser.add_argument("--folder", type=Path, help="where the runs are kept (default: a temporary folder)")
    options = parser.parse_args()
    if options.folder is not None:
        options.folder.mkdir(parents=True)
        return kill_all(options, options.folder)
    with tempfile.TemporaryDirectory() as folder:
        return kill_all(options, Path(folder))


def kill_all(options: argparse.Namespace, folder: Path) -> int:
    """The reference, then life after life."""
    rng = np.random.default_rng(options.seed)
    began = time.perf_counter()
    expected = reference(folder, options.epochs)
    print(f"reference: {options.epochs} epochs in {time.perf_counter() - began:.1f} s", flush=True)
    lives: list[Life] = []
    while (already := sum(len(life.deaths) for life in lives)) < options.kills:
        aims = draw(expected, min(options.per_life, options.kills - already), rng, already=already)
        life = live(folder, f"life-{len(lives) + 1:02d}", aims, expected)
        lives.append(life)
        rows = " ".join(f"{death.rows}{'c' if death.in_checkpoint else ''}" for death in life.deaths)
        print(f"life {len(lives):2d}: killed at rows {rows} (c: in a checkpoint): {'; '.join(life.differences) or 'identical'}", flush=True)
    return summary(lives)


def summary(lives: list[Life]) -> int:
    """Print the counts; the exit code."""
    deaths = [death for life in lives for death in life.deaths]
    different = [life for life in lives if life.differences]
    for words, count in {
        "kills": len(deaths),
        "in the middle of a checkpoint": sum(death.in_checkpoint for death in deaths),
        "before the first checkpoint": sum(death.before_first for death in deaths),
        "runs": len(lives),
        "runs that differ from the reference": len(different),
    }.items():
        print(f"{words:38s} {count:5d}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
