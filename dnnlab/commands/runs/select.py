"""Find the run folders that RUN... and DIR on a command line name."""
# ruff: noqa: PTH111, PTH112 (of folders without permission or with names too long os.path says False, where pathlib raises)

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ...errors import Problem, RunError
from ...rundir import find_run, is_sweep, list_runs
from ...rundir.names import slug
from ...rundir.reader import TRIALS, is_run
from ...rundir.summary import Summary, summarize, with_name


def named_runs(words: Sequence[str], runs_dir: Path) -> list[Path]:
    """The folders that RUNs, SWEEPs and DIRs name, each once.

    Of a sweep or a folder: all runs in it. Raises `RunError`.
    """
    found: dict[str, Path] = {}
    for word in words:
        folder = as_folder(word)
        for path in runs_of(find(word, runs_dir)) if folder is None else runs_in(folder):
            found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def runs_in(folder: Path) -> list[Path]:
    """The runs in a folder; sweeps, which are no runs, are left out."""
    return [path for path in list_runs(folder) if not is_sweep(path)]


def runs_of(path: Path) -> list[Path]:
    """A run, or the runs of a sweep, in the order of their trials."""
    return sorted(list_runs(path / TRIALS), key=lambda run: run.name) if is_sweep(path) else [path]


def as_folder(word: str) -> Path | None:
    """The folder that a word means, when it is one that holds runs and not a run itself."""
    path = Path(os.path.expanduser(word))
    return path if word and os.path.isdir(path) and not is_run(path) and list_runs(path) else None


def find(word: str, runs_dir: Path) -> Path:
    """One RUN. Raises `RunError`, which for a folder says what it holds instead of runs."""
    try:
        return find_run(word, runs_dir, sweeps=True)
    except RunError:
        if word and os.path.isdir(os.path.expanduser(word)):
            raise no_runs(Path(os.path.expanduser(word))) from None
        raise


def no_runs(folder: Path) -> RunError:
    """The error for a folder without runs: what it holds instead, as far as one can see."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError:
        names = []
    holds = (
        f"it holds {', '.join(names[:3])}{' ...' if len(names) > 3 else ''}"
        if names
        else "it is empty or not there"
    )
    fix = "make one with `dnnlab train CONFIG`, or name another folder with --runs-dir"
    return RunError(
        Problem(
            f"{folder} holds no runs of dnnlab; {holds}",
            "expected a run, or a folder of runs",
            fix,
            code="no_runs",
        )
    )


def relatives(path: Path) -> list[Path]:
    """The run and the runs of the same name in its folder, newest first.

    `compare` uses them if it gets a single RUN.
    """
    mine = slug(summarize(path, rows=False).name)
    path = with_name(path)
    alike = (run for run in runs_in(path.parent) if slug(summarize(run, rows=False).name) == mine)
    return list(alike) or [path]


def summaries(paths: Sequence[Path], rows: bool = True) -> list[Summary]:
    """All of these runs in short."""
    return [summarize(path, rows) for path in paths]
