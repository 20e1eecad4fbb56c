"""Training on a Parquet file that is much larger than the memory it may take: peak anonymous memory by stage, and samples a second.

    python benchmarks/large_data.py                  # 3 GB with a limit of 1 GB; needs 7 GB of disk and
    pyarrow python benchmarks/large_data.py --gb 0.5 --limit 0.4

The file is made on the spot (random numbers in float32, a class that a line parts). A process of its own
trains on it for two epochs under RLIMIT_DATA, so that more memory is refused by the system; its RssAnon (what
is not backed by files) is read from /proc all the time. Then the same training runs with all rows in memory
and without a limit: the losses must be the same to the last digit.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

GB = 1e9
FEATURES = 256
BATCH = 512
GROUP = 1 << 14  # rows of the file that are made at once


def make_file(path: Path, gb: float) -> int:
    """Write the file and return its number of rows."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw, line = np.random.default_rng(0), np.random.default_rng(1).normal(size=FEATURES)
    names = [*(f"x{i}" for i in range(FEATURES)), "y"]
    schema = pa.schema([(name, pa.float32()) for name in names[:-1]] + [("y", pa.string())])
    rows = max(GROUP, int(gb * GB / (4 * FEATURES) / GROUP) * GROUP)
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=["y"]) as file:
        for _ in range(rows // GROUP):
            x = draw.normal(size=(GROUP, FEATURES)).astype(np.float32)
            y = np.where(x @ line > 0, "above", "below")
            file.write_table(pa.table([*x.T, y], schema=schema), row_group_size=GROUP)
    return rows


def train(path: Path, in_memory: bool, limit: float) -> None:
    """Train, and print a line of JSON at the beginning of each stage, and one with the results. limit: GB, 0 for none."""
    from dnnlab.engine.runtime import prepare

    prepare()
    import torch

    from dnnlab.commands.train.events import Started
    from dnnlab.commands.train.train import train as events
    from dnnlab.config import load_mapping
    from dnnlab.engine.records import Epoch

    torch.set_num_threads(1)
    if limit:
        resource.setrlimit(resource.RLIMIT_DATA, (int(limit * GB), int(limit * GB)))

    def say(stage: str, **more: Any) -> None:
        print(json.dumps({"stage": stage, **more}), flush=True)

    config: Any = load_mapping(
        {
            "data": {
                "name": "parquet",
                "path": str(path),
                "target": "y",
                "in_memory": True if in_memory else "auto",
            },
            "architecture": {"name": "mlp", "hidden": [64]},
            "training": {"epochs": 2, "batch_size": BATCH},
        }
    )
    say("reading")
    with tempfile.TemporaryDirectory() as folder:
        for event in events(config, Path(folder)):
            if isinstance(event, Started):
                say("epoch 1", streamed=type(event.built.session.train.inputs).__name__ == "Streamed")
            elif isinstance(event, Epoch):
                row = {key: event.row[key] for key in ("train_loss", "val_loss", "samples_per_second")}
                say(f"epoch {event.epoch + 1}" if not event.final else "end", row=row)


def watched(path: Path, *, in_memory: bool, limit: float) -> dict[str, Any]:
    """Run `train` in a process of its own.

    Returns the peak of RssAnon in bytes by stage, the rows of the epochs and the seconds.
    """
    command = [
        sys.executable,
        __file__,
        "--inside",
        str(path),
        "--limit",
        str(limit),
        *(["--in-memory"] if in_memory else []),
    ]
    # pyarrow's own pool reserves 1 GB of addresses at once, which would count as taken under the limit.
    settings = {"DNNLAB_CACHE": str(path.parent / "cache"), "ARROW_DEFAULT_MEMORY_POOL": "system"}
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **settings})
    stage, peaks, over = ["importing"], dict[str, int](), threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            peaks[stage[0]] = max(peaks.get(stage[0], 0), anonymous(process.pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    rows, streamed = [], None
    assert process.stdout is not None
    for line in process.stdout:
        said = json.loads(line)
        stage[0], streamed = said["stage"], said.get("streamed", streamed)
        rows += [said["row"]] if "row" in said else []
    over.set()
    watcher.join()
    assert process.wait() == 0, "the training failed"
    return {"peaks": peaks, "rows": rows, "streamed": streamed, "seconds": time.perf_counter() - began}


def anonymous(pid: int) -> int:
    """RssAnon of a process in bytes, 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon")), 0)


def main() -> int:
    """Measure and print; exit code 1 when a gate is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gb", type=float, default=3.0, help="size of the file (default 3)")
    parser.add_argument(
        "--limit",
        type=float,
        default=1.0,
        help="GB of memory that the process may take, 0 for no limit (default 1)",
    )
    parser.add_argument(
        "--dir",
        type=Path,
        help="folder for the file and its cache (default: the system's for temporary files)",
    )
    parser.add_argument("--skip-memory", action="store_true", help="do not train with all rows in memory")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--in-memory", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        train(options.inside, options.in_memory, options.limit)
        return 0
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        path = Path(folder) / "large.parquet"
        rows = make_file(path, options.gb)
        print(
            f"{rows:,} rows of {FEATURES} features, {path.stat().st_size / GB:.2f} GB; limit {options.limit:g} GB"
        )
        runs = {"streamed": watched(path, in_memory=False, limit=options.limit)}
        if not options.skip_memory:
            runs["in memory"] = watched(path, in_memory=True, limit=0)
    return report(runs, options.limit)


def report(runs: dict[str, dict[str, Any]], limit: float) -> int:
    """Print what was measured; 1 when a gate is missed."""
    for name, run in runs.items():
        print(
            f"{name}: {run['seconds']:.1f} s with reading, samples/s "
            + ", ".join(f"{r['samples_per_second']:,.0f}" for r in run["rows"])
        )
        print(
            "  peak RssAnon, MB: "
            + ", ".join(f"{stage} {size / 1e6:.0f}" for stage, size in run["peaks"].items())
        )
    streamed = runs["streamed"]
    peaks = streamed["peaks"]
    checks = {
        "the rows are not in memory": bool(streamed["streamed"]),
        "anonymous memory stays below the limit": not limit or max(peaks.values()) < limit * GB,
        "the second epoch takes no more than the first (5 %)": peaks["epoch 2"] <= 1.05 * peaks["epoch 1"],
    }
    if "in memory" in runs:
        losses = [[(r["train_loss"], r["val_loss"]) for r in run["rows"]] for run in runs.values()]
        checks["the losses are those of the rows in memory"] = losses[0] == losses[1]
    for words, met in checks.items():
        print(f"{words}: {'met' if met else 'MISSED'}")
    return int(not all(checks.values()))


if __name__ == "__main__":
    raise SystemExit(main())
