"""What the tests of the command line share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Three epochs on a part of the digits."""
    path = tmp_path / "small.yaml"
    path.write_text("data: {name: digits, limit: 200}\narchitecture: {hidden: [16]}\ntraining: {epochs: 3}\n")
    return path


@pytest.fixture
def process(runs: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start a command line in a process of its own, which hears Ctrl-C whatever this one's shell said."""

    def start(*words: object, before: str = "", after: str = "", **streams: int) -> subprocess.Popen[str]:
        lines = ["import signal, sys", "signal.signal(signal.SIGINT, signal.default_int_handler)", before]
        lines += [
            "from dnnlab.cli.main import run",
            "try:",
            "    run(sys.argv[1:])",
            "finally:",
            f"    {after or 'pass'}",
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        return subprocess.Popen(
            [sys.executable, "-c", "\n".join(lines), *map(str, words)], env=environment, text=True, **pipes
        )  # type: ignore[call-overload, no-any-return]

    return start
