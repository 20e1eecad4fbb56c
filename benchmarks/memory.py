"""Peak memory of a training against what it cannot do without: the data once in float32, 8 x the weights, one batch of activations.

    DNNLAB_DATA=~/data python benchmarks/memory.py

MNIST with an MLP of two layers of 2,000, Adam, batch 128, default logging, two epochs, into a folder: the
real `train`. What importing torch costs is measured in a process of its own and taken off. 8 x the weights
are weights, gradients, two moments of Adam, the best weights, the copies of a logging step and what a
checkpoint needs on its way to the disk. All parts of the data count.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

MB = 1e6
BATCH = 128


def peak() -> float:
    """Peak of this process's resident memory in bytes. Not ru_maxrss: a child's begins at its parent's."""
    (line,) = (
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return int(line.split()[1]) * 1024


def import_torch() -> dict[str, float]:
    """What importing torch costs."""
    from dnnlab.engine.runtime import prepare

    prepare()
    import torch

    torch.set_num_threads(1)
    return {"peak": peak()}


def train(hidden: list[int], folder: Path) -> dict[str, float]:
    """Train, and note the peak after each stage and the sizes of what has to be there."""
    from dnnlab.engine.runtime import prepare

    prepare()
    from dnnlab.commands.train.events import Started
    from dnnlab.commands.train.train import train as events
    from dnnlab.config import load_mapping
    from dnnlab.engine.records import Epoch, Step

    config = {
        "data": {"name": "mnist", "validation": {"first": 5000}},
        "architecture": {"name": "mlp", "hidden": hidden},
        "training": {"epochs": 2, "batch_size": BATCH},
    }
    found: dict[str, float] = {}
    checked: Any = load_mapping(config)
    found["after imports"] = peak()
    for event in events(checked, folder):
        if isinstance(event, Started):
            data, net = event.built.data, event.built.session.net
            row = (data.train.inputs.nbytes + data.train.targets.nbytes) / len(data.train.inputs)
            found["data"] = row * sum(event.built.described["rows"].values())
            found["weights"] = sum(p.nbytes for p in net.parameters())
            found["after build"] = peak()
        elif isinstance(event, Step) and event.step == 1:
            found["after step 1"] = peak()
        elif isinstance(event, Epoch):
            found[f"after epoch {event.epoch}"] = peak()
    return {**found, "peak": peak()}


def in_process(*arguments: str) -> dict[str, float]:
    """Run one of the functions above in a process of its own."""
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> int:
    """Measure and print; exit code 1 when the bound is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--hidden",
        type=int,
        nargs="+",
        default=[2000, 2000],
        help="units of the hidden layers (default 2000 2000)",
    )
    parser.add_argument(
        "--repeats", type=int, default=5, help="processes, of which the median counts (default 5)"
    )
    parser.add_argument("--inside", choices=["torch", "train"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        with tempfile.TemporaryDirectory() as folder:
            print(
                json.dumps(
                    import_torch() if options.inside == "torch" else train(options.hidden, Path(folder))
                )
            )
        return 0
    base = in_process("--inside", "torch")["peak"]
    # Where the heap's holes lie differs from process to process, by 10 MB and more: the median of several.
    repeats = [
        in_process("--inside", "train", "--hidden", *map(str, options.hidden)) for _ in range(options.repeats)
    ]
    found = sorted(repeats, key=lambda one: one["peak"])[len(repeats) // 2]
    print("peaks of the repeats: " + ", ".join(f"{(one['peak'] - base) / MB:.0f}" for one in repeats) + " MB")
    peak_over = found.pop("peak") - base
    terms = {
        "data once in float32": found.pop("data"),
        "8 x weights": 8 * found.pop("weights"),
        "one batch of activations": 4 * BATCH * (784 + sum(options.hidden) + 10),
    }
    print(f"importing torch: {base / MB:.0f} MB; all below is over that")
    for name, size in {**terms, "bound": sum(terms.values())}.items():
        print(f"{name:28s} {size / MB:8.1f} MB")
    for name, size in found.items():
        print(f"  peak {name:21s} {(size - base) / MB:8.1f} MB")
    missed = peak_over > sum(terms.values())
    print(f"{'peak of the training':28s} {peak_over / MB:8.1f} MB  {'MISSED' if missed else 'met'}")
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main())
