"""How long the command line takes to answer where no torch is needed: `--help`, a config error, `import dnnlab`. Medians of nine processes.

python benchmarks/startup.py
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

RUNS = 9
BROKEN = "data: digits\narchitecture: {name: mlp, hiden: [100]}\n"


def seconds(command: list[str], code: int) -> list[float]:
    """Seconds of every run, after one that does not count.

    Raises `AssertionError` when the exit code is not the one expected.
    """
    times = []
    for _ in range(RUNS + 1):
        began = perf_counter()
        done = subprocess.run(command, capture_output=True, text=True)
        times.append(perf_counter() - began)
        assert done.returncode == code, f"{command}: exit {done.returncode}, expected {code}: {done.stderr}"
    return times[1:]


def main() -> int:
    """Measure and print; exit code 1 when a gate is missed."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        broken = Path(folder) / "broken.yaml"
        broken.write_text(BROKEN)
        python = [sys.executable]
        rows = [
            ("python -c pass (for comparison)", [*python, "-c", "pass"], 0, None),
            ("import dnnlab", [*python, "-c", "import dnnlab"], 0, None),
            ("dnnlab --help", [*python, "-m", "dnnlab", "--help"], 0, 0.3),
            ("a config error", [*python, "-m", "dnnlab", "train", str(broken), "--runs-dir", folder], 2, 0.5),
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
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
