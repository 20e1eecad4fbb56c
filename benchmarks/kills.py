"""Does a killed run end exactly like one that was left alone?

SIGKILL by progress, resumed and killed again; then every bit is compared.

    python benchmarks/kills.py --kills 100

The job (tests/helpers/kills.py) has everything that a resume could forget: dropout, mixup, shifted images,
momentum, BatchNorm, warmup, a schedule and an early stopping that count, an averaged model, clipping. Exit
code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from helpers.kills import Death, differences, draw, live, reference, write_job


def main() -> int:
    """Kill until the number is reached, and print what happened."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100, help="SIGKILLs in all (default 100)")
    parser.add_argument("--per-life", type=int, default=10, help="SIGKILLs in one run's life (default 10)")
    parser.add_argument(
        "--epochs", type=int, default=500, help="length of the job, to be at least 20 s (default 500)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="of the rows at which runs are killed (default 0)"
    )
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
    write_job(folder, options.epochs)
    began = time.perf_counter()
    expected = reference(folder)
    print(f"reference: {options.epochs} epochs in {time.perf_counter() - began:.1f} s", flush=True)
    deaths: list[Death] = []
    lives = different = 0
    while len(deaths) < options.kills:
        lives += 1
        aims = draw(expected, min(options.per_life, options.kills - len(deaths)), rng, already=len(deaths))
        run, its_deaths = live(folder, f"life-{lives:02d}", aims)
        found = differences(run, expected)
        different += bool(found)
        deaths += its_deaths
        rows = " ".join(f"{death.rows}{'c' if death.in_checkpoint else ''}" for death in its_deaths)
        print(
            f"life {lives:2d}: killed at rows {rows} (c: in a checkpoint): {'; '.join(found) or 'identical'}",
            flush=True,
        )
    print_summary(deaths, lives, different)
    return int(different > 0)


def print_summary(deaths: list[Death], lives: int, different: int) -> None:
    """The counts."""
    for words, count in {
        "kills": len(deaths),
        "in the middle of a checkpoint": sum(death.in_checkpoint for death in deaths),
        "before the first checkpoint": sum(death.before_first for death in deaths),
        "runs": lives,
        "runs that differ from the reference": different,
    }.items():
        print(f"{words:38s} {count:5d}")


if __name__ == "__main__":
    sys.exit(main())
