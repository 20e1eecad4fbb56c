"""Find the run that the argument RUN names.

RUN is a path, a folder's name, a unique piece of that name, `last` or `last~2`. SWEEP/PIECE names a trial of
a sweep.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
from datetime import datetime
from pathlib import Path
from typing import Any

from dnnlab.errors import Problem, RunError, StorageError
from dnnlab.rundir import atomic
from dnnlab.rundir.json_values import STRICT_ERRORS, read_object
from dnnlab.rundir.names import RUN_NAME, TRIAL_NAME
from dnnlab.rundir.reader import META, TRIALS, is_run, is_sweep

_LAST = re.compile(r"last(?:~(\d+))?")
_SHOWN = 10
GRAMMAR = "a path, a folder's name, a unique piece of it, last or last~2"


def list_runs(runs_dir: Path) -> list[Path]:
    """All runs below a folder, newest first, including damaged ones, also after the clock was set back.

    Raises `StorageError`.
    """
    check_links(runs_dir)
    if not runs_dir.is_dir():
        return []
    with atomic.storing(runs_dir, "or choose another folder with --runs-dir"):
        return sorted((path for path in runs_dir.iterdir() if is_run(path)), key=_age_key, reverse=True)


def check_links(folder: Path) -> None:
    """Raise `StorageError` if a link on the way to a folder leads nowhere, as to an unmounted disk."""
    for path in (folder, *folder.parents):
        if os.path.islink(path) and not os.path.exists(path):
            raise StorageError(
                Problem(
                    f"a link to {os.readlink(path)}, which is not there",
                    "expected a folder for runs",
                    "make that folder or mount its disk, or choose another folder with --runs-dir",
                    file=str(path),
                    code="storage",
                )
            )


def _age_key(path: Path) -> tuple[float, str]:
    return order_of(path), path.name


def order_of(path: Path) -> float:
    """The time by which a run is sorted.

    A run that was made after the clock was set back has the key `order`: a time after all earlier runs.
    """
    try:
        meta = read_object((path / META).read_bytes())
    except (OSError, *STRICT_ERRORS):
        meta = {}
    return made_at(path, meta.get("order") or meta.get("created"))


def made_at(path: Path, time: Any) -> float:
    """A time of meta.json in POSIX seconds; if it is damaged that of the run's name, else of its folder."""
    match = RUN_NAME.fullmatch(path.name)
    try:
        return datetime.fromisoformat(str(time)).timestamp()
    except (ValueError, OverflowError, OSError):
        pass  # damaged: the next best source
    try:
        return datetime.strptime(match[1], "%Y%m%d-%H%M%S").timestamp() if match else path.stat().st_mtime
    except (OSError, ValueError, OverflowError):
        return 0.0


def find_run(text: str, runs_dir: Path, *, sweeps: bool = False) -> Path:
    """The folder that RUN names; with `sweeps` it may also be a sweep.

    Raises `RunError` if no run matches (with similar names), if several match (listed), if there are no runs
    yet, or if RUN names a sweep and a run is needed.
    """
    found = _find(text, runs_dir)
    if sweeps or not is_sweep(found):
        return found
    trials = list_runs(found / TRIALS)
    named = f"one of its trials, such as {text}/{min(trial.name for trial in trials)}" if trials else "a run"
    best = found / "best.yaml"
    fix = f"{best} is its best config" if best.exists() else "`dnnlab runs` lists the runs"
    raise RunError(
        Problem(
            f"{text} is a sweep ({len(trials)} runs)", f"expected {named}", fix, file=str(found), code="sweep"
        )
    )


def _find(text: str, runs_dir: Path) -> Path:
    path = user_path(text)
    last = _LAST.fullmatch(text)
    if not last and text and is_run(path):
        return path
    if not last and (trial := _trial(text, runs_dir)) is not None:
        return trial
    if not last and ("/" in text or "\\" in text):
        found = "is no run folder" if os.path.exists(path) else "does not exist"
        raise RunError(
            Problem(f"{text} {found}", f"expected {GRAMMAR}", "look with `dnnlab runs`", code="no_run")
        )
    runs = list_runs(runs_dir)
    if not runs:
        problem = f"there are no runs in {runs_dir} yet"
        raise RunError(
            Problem(
                problem,
                f"expected {GRAMMAR}",
                "make one with `dnnlab train CONFIG`, or name --runs-dir",
                code="no_runs",
            )
        )
    return _counted(int(last[1] or 0), runs, runs_dir) if last else _piece(text, runs, runs_dir)


def user_path(text: str) -> Path:
    """The path that a user wrote, whose `~` is the home folder."""
    return Path(os.path.expanduser(text))  # unlike pathlib's, it leaves an unknown ~user alone


def _trial(text: str, runs_dir: Path) -> Path | None:
    """The trial that SWEEP/PIECE names; None if the text does not begin with a sweep."""
    sweep, slash, piece = text.rpartition("/")
    if not slash or not sweep or not piece:
        return None
    try:
        found = _find(sweep, runs_dir)
    except RunError:
        return None
    trials = list_runs(found / TRIALS) if is_sweep(found) else []
    return _piece(piece, trials, found / TRIALS) if trials else None


def _counted(back: int, runs: list[Path], runs_dir: Path) -> Path:
    if back < len(runs):
        return runs[back]
    oldest = f"the oldest is last~{len(runs) - 1}"
    raise RunError(
        Problem(
            f"last~{back}: {runs_dir} holds only {len(runs)} runs",
            f"expected {GRAMMAR}",
            oldest,
            code="no_run",
        )
    )


def _piece(text: str, runs: list[Path], runs_dir: Path) -> Path:
    hits = [run for run in runs if run.name == text] or [run for run in runs if text and text in run.name]
    if len(hits) == 1:
        return hits[0]
    if not hits:
        near = _nearest(text, [run.name for run in runs])
        fix = f"nearest: {', '.join(near)}" if near else "look with `dnnlab runs`"
        raise RunError(
            Problem(f"no run in {runs_dir} matches {text!r}", f"expected {GRAMMAR}", fix, code="no_run")
        )
    listed = ", ".join(run.name for run in hits[:_SHOWN])
    more = f" and {len(hits) - _SHOWN} more" if len(hits) > _SHOWN else ""
    received = f"{text!r} matches {len(hits)} runs: {listed}{more}"
    raise RunError(
        Problem(received, "expected one run", "type a longer piece, or last", code="ambiguous_run")
    )


def _nearest(text: str, names: list[str]) -> list[str]:
    """Up to three names that are similar to `text`, as a whole or in the part that the user chose."""

    def likeness(name: str) -> float:
        pieces = (name, name[16:-7], name[-6:])
        return max(difflib.SequenceMatcher(None, text.lower(), piece.lower()).ratio() for piece in pieces)

    scored = sorted(((likeness(name), name) for name in names), reverse=True)
    return [name for score, name in scored[:3] if score >= 0.5]


def digits(name: str) -> str:
    """The six digits at the end of a run's name, or all of it: they mean the run on a command line."""
    word = name.rpartition("-")[2]
    return word if len(word) == 6 else name


def run_word(path: Path, usual: bool) -> str:
    """RUN for a command line: the six digits of the name (SWEEP/TRIAL for a trial).

    The path, if the runs folder is not the usual one. A name that would be read as an option stays behind its
    folder; what a shell would read is quoted.
    """
    trial = TRIAL_NAME.fullmatch(path.name) and path.parent.name == TRIALS
    run = path.parent.parent if trial else path
    word = f"{digits(run.name)}/{path.name}" if trial else digits(run.name)
    if word.startswith("-"):
        return shlex.quote(str(path))
    return shlex.quote(word) + ("" if usual else f" --runs-dir {shlex.quote(str(run.parent))}")
