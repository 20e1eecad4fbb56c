"""Sweeps in tests: what they left behind, and their processes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dnnlab.rundir import read_run
from dnnlab.rundir.jsonl import read_rows
from dnnlab.search.ledger import Ledger


@dataclass
class Left:
    """What a sweep left behind."""

    path: Path

    @property
    def events(self) -> list[dict[str, Any]]:
        return read_rows(self.path / "ledger.jsonl")[0]

    @property
    def ledger(self) -> Ledger:
        return Ledger.read(self.events)

    @property
    def status(self) -> str:
        return read_run(self.path).status

    def results(self) -> dict[int, tuple[Any, Any]]:
        """Trial -> (point, values), without anything that depends on time."""
        return {n: (t.point, t.values) for n, t in self.ledger.trials.items()}


def until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait for something that is true. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.01)
    return found


def the_sweep(runs: Path) -> Left | None:
    """The one sweep in a folder of runs, once it is there."""
    found = [path.parent for path in runs.glob("*/ledger.jsonl")]
    return Left(found[0]) if found else None


def count(runs: Path, event: str) -> int:
    """Events of a kind in the ledger by now."""
    left = the_sweep(runs)
    return 0 if left is None else sum(row["event"] == event for row in left.events)


def workers_of(process: int) -> list[int]:
    """The processes that hold runs of the coordinator `process`: grandchildren through the fork server."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    return [worker for child in children.get(process, []) for worker in children.get(child, [])]


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill(pid: int) -> None:
    """SIGKILL."""
    os.kill(pid, signal.SIGKILL)


def killed_worker_and_coordinator(
    coordinator: subprocess.Popen[str], runs: Path, workers: Callable[[int], list[int]]
) -> Left:
    """Kill a worker once there is a checkpoint, then the coordinator once a retry and a result are noted."""
    until(lambda: count(runs, "started") >= 2)
    left = the_sweep(runs)
    assert left is not None
    until(lambda: list(left.path.glob("trials/*/checkpoints/*/MANIFEST.json")))
    kill(workers(coordinator.pid)[0])
    until(lambda: count(runs, "retry"))
    until(lambda: count(runs, "result") >= 1)
    working = workers(coordinator.pid)
    assert working
    coordinator.kill()
    coordinator.wait()
    until(lambda: not any(map(alive, working)), 5.0)
    return left
