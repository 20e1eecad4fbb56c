"""This build beside another checkout of dnnlab: does the engine take as long as it did? Processes in turn, A B A B, in one run.

    git worktree add /somewhere/else REVISION
    DNNLAB_DATA=~/data python benchmarks/builds.py /somewhere/else        # all rows; or some of: mlp32 mlp128 cnn128 digits

Each process builds one training with dnnlab's defaults, trains an epoch that does not count and then some that do; of
each process the fastest counted epoch is taken, in CPU seconds. The two builds must end with the same losses.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from paired import LEAST_PAIRS, compare

HERE = Path(__file__).parents[1]
GATE = 1.03
MLP = {"architecture": {"name": "mlp", "hidden": [300, 100]}, "activation": "elu"}
CNN = {
    "architecture": {"name": "cnn", "blocks": [[16, 16], [32, 32]], "kernel": 3, "hidden": [64]},
    "normalization": "batch",
}
# name -> config, counted epochs
ROWS: dict[str, tuple[dict[str, object], int]] = {
    "mlp32": ({"data": {"name": "mnist", "limit": 20_000}, **MLP, "training": {"batch_size": 32}}, 2),
    "mlp128": ({"data": {"name": "mnist", "limit": 20_000}, **MLP, "training": {"batch_size": 128}}, 3),
    "cnn128": ({"data": {"name": "mnist", "limit": 3_000}, **CNN, "training": {"batch_size": 128}}, 2),
    "digits": ({"data": "digits", "training": {"batch_size": 32}}, 20),
}
WORKER = """
import json, sys, time
try:
    from dnnlab.engine.runtime import prepare
except ImportError:  # before the second plan of the house
    from dnnlab.engine.process import prepare
prepare()
try:
    from dnnlab.assembly.session import build
except ImportError:
    from dnnlab.build.session import build
from dnnlab.config import load_mapping
from dnnlab.engine.loop import fit
from dnnlab.engine.records import Epoch

config, counted = json.loads(sys.argv[1])
config["training"]["epochs"] = counted + 1
times, losses, began = [], [], time.process_time()
for record in fit(build(load_mapping(config)).session):
    if isinstance(record, Epoch):
        times.append(time.process_time() - began)
        losses.append(record.row["train_loss"])
        began = time.process_time()
print(json.dumps([min(times[1:]), losses]))
"""


def measure(checkout: Path, row: str) -> tuple[float, list[float]]:
    """CPU seconds of the fastest counted epoch, and the losses of all."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", WORKER, json.dumps(ROWS[row])],
        env=environment,
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, losses = json.loads(done.stdout.splitlines()[-1])
    return float(seconds), losses


def main() -> int:
    """Measure and print; exit code 1 when a gate is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("other", type=Path, help="a checkout of the build to compare with")
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], help="which rows; by default all")
    parser.add_argument("--pairs", type=int, default=LEAST_PAIRS)
    chosen = parser.parse_args()
    missed = 0
    for row in chosen.rows or ROWS:
        pairs = [(measure(HERE, row), measure(chosen.other, row)) for _ in range(chosen.pairs)]
        for (_, ours), (_, theirs) in pairs:
            if ours != theirs:
                raise SystemExit(f"{row}: the losses differ: {ours} and {theirs}")
        found = compare(row, [ours[0] for ours, _ in pairs], [theirs[0] for _, theirs in pairs], GATE)
        print(found.row(), flush=True)
        missed += found.missed
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
