"""The list of runs, newest first."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import Problem, RunError
from ...rundir import list_runs
from ...rundir.summary import Summary
from .filters import EVERY, Filters, chosen
from .select import no_runs, summaries


def runs(runs_dir: Path, filters: Filters = EVERY) -> tuple[list[Summary], int]:
    """(the runs that meet the filters, newest first unless sorted otherwise; how many there are in all).

    A folder that is not there yet holds no runs; one that holds something else is an error. Raises
    `DnnlabError`.
    """
    if runs_dir.exists() and not runs_dir.is_dir():
        raise RunError(
            Problem(
                f"{runs_dir} is a file",
                "expected a folder of runs",
                "name another one with --runs-dir",
                code="no_runs",
            )
        )
    paths = list_runs(runs_dir)
    if not paths and runs_dir.is_dir() and any(runs_dir.iterdir()):
        raise no_runs(runs_dir)
    return chosen(summaries(paths, rows=False), filters, time.time()), len(paths)


def face(run: Summary) -> dict[str, Any]:
    """One run for JSON and CSV. monitor: {name, value} at the best epoch."""
    value = None if run.monitor is None else run.measure(run.monitor)
    return {
        "run": str(run.path),
        "name": run.name,
        "kind": "sweep" if run.sweep else "run",
        "status": run.status,
        "epochs": run.last.get("epoch"),
        "best": run.best,
        "monitor": run.monitor,
        "value": value,
        "seed": run.seed,
        "seconds": run.seconds,
        "parameters": run.parameters,
        "created": run.created,
        "tags": list(run.tags),
        "problem": run.problem,
    }


def flat(run: Summary) -> dict[str, Any]:
    """`face` with one text or number a key."""
    row = face(run)
    epoch = run.best.get("epoch")
    return {**row, "best": epoch if isinstance(epoch, int) else None, "tags": " ".join(run.tags)}


def faces(found: Sequence[Summary]) -> list[dict[str, Any]]:
    """The JSON form of the list."""
    return [face(run) for run in found]
