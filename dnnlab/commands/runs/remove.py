"""Remove runs. A plan is made first; each run is then removed as a whole or not at all."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import Problem, RunError, UsageError
from ...rundir import is_locked, list_runs
from ...rundir.atomic import storing
from ...rundir.lock import acquire
from ...rundir.names import RUN_NAME
from ...rundir.reader import META
from ...rundir.summary import Summary
from .filters import EVERY, Filters, chosen
from .select import as_folder, find, summaries


@dataclass(frozen=True)
class Plan:
    """The runs to remove and the runs to keep."""

    go: tuple[tuple[Summary, int], ...]
    """The runs to remove, with their size in bytes."""
    stay: tuple[tuple[Summary, str], ...]
    """The runs that must not be removed, with the reason."""
    named: bool
    """Whether the user named each run."""

    @property
    def bytes(self) -> int:
        """What removing them frees."""
        return sum(size for _, size in self.go)


def plan(words: Sequence[str], runs_dir: Path, filters: Filters = EVERY) -> Plan:
    """What `remove` would do; nothing is touched.

    Raises `DnnlabError`: nothing named, no such run, a folder that is no run.
    """
    if not words and not filters.selecting:
        fix = "name runs (`dnnlab remove last`) or give a filter (`dnnlab remove --status failed`)"
        raise UsageError(
            Problem("remove got nothing to remove", "expected RUN... or a filter", fix, code="nothing_named")
        )
    for word in words:
        if as_folder(word) is not None:
            fix = f"to remove some of its runs: dnnlab remove --runs-dir {word} --status failed"
            raise UsageError(
                Problem(
                    f"{word} is a folder of runs, not a run",
                    "expected runs: remove takes no whole folders",
                    fix,
                    code="folder",
                )
            )
    paths = [find(word, runs_dir) for word in words] if words else list_runs(runs_dir)
    unique = {os.path.realpath(path): path for path in paths}
    meant = chosen(summaries(list(unique.values()), rows=False), filters, time.time())
    reasons = reasons_to_stay(meant)
    go = tuple((run, size_of(run.path)) for run in meant if run.path not in reasons)
    return Plan(go, tuple((run, reasons[run.path]) for run in meant if run.path in reasons), bool(words))


def check(found: Plan) -> None:
    """Raises `RunError` if a run that was named may not go: then none of them goes."""
    if found.named and found.stay:
        stay = [(f"{run.path.name} stays: {why}", str(run.path)) for run, why in found.stay]
        raise RunError(*(Problem(text, fix="leave it out", file=path, code="stays") for text, path in stay))


def carry_out(found: Plan) -> dict[str, Any]:
    """Remove what the plan says.

    Returns {removed: [run], stayed: [{run, reason}], bytes}. Raises `RunError` and `StorageError`.
    """
    for run, _ in found.go:
        take_away(run.path)
    stayed = [{"run": str(run.path), "reason": why} for run, why in found.stay]
    return {"removed": [str(run.path) for run, _ in found.go], "stayed": stayed, "bytes": found.bytes}


def take_away(path: Path) -> None:
    """Remove one run.

    It is renamed under its lock and loses its meta.json first, so that an incomplete folder is never a run.
    """
    gone = path.parent / f".removed-{os.getpid()}-{path.name}"
    with storing(path):
        held = acquire(path)
        try:
            path.rename(gone)
        finally:
            held.release()
        (gone / META).unlink(missing_ok=True)
        shutil.rmtree(gone)


def reasons_to_stay(meant: Sequence[Summary]) -> dict[Path, str]:
    """Why some of these runs may not go: folder -> reason."""
    reasons = {run.path: why for run in meant if (why := _own_reason(run)) is not None}
    folders = {os.path.realpath(run.path): run for run in meant}
    beside = {
        os.path.realpath(path): path
        for parent in {run.path.parent for run in meant}
        for path in list_runs(parent)
    }
    for other in summaries([path for real, path in beside.items() if real not in folders], rows=False):
        for run in _needed_by(other, folders):
            reasons.setdefault(run.path, f"{other.path.name} was made from it")
    return reasons


def size_of(folder: Path) -> int:
    """Bytes of all files in it; links are not followed."""
    total = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            try:
                total += (Path(parent) / name).lstat().st_size
            except OSError:
                continue  # it went away meanwhile
    return total


def _own_reason(run: Summary) -> str | None:
    if run.path.is_symlink():
        return "it is a link to another place"
    try:
        if not run.status.over or is_locked(run.path):
            return "it is running"
    except OSError as error:
        return f"it is not known whether it is running ({error.strerror})"
    if run.problem is not None and (foreign := _foreign(run)):
        return foreign
    if Path.cwd().is_relative_to(run.path.resolve()):
        return "you are in it (the shell's folder)"
    return "it holds other runs" if list_runs(run.path) else None


def _foreign(run: Summary) -> str | None:
    """Why a damaged folder may not be dnnlab's: only its name, or what it holds, can still say so."""
    if RUN_NAME.fullmatch(run.path.name) or os.path.lexists(run.path / "resolved.yaml"):
        return None
    return "nothing shows that dnnlab made it (its meta.json is not dnnlab's, and neither is its name)"


def _needed_by(other: Summary, folders: dict[str, Summary]) -> Iterator[Summary]:
    """The runs that another run's config or sources refer to, by path, name or the six digits at its end."""
    texts = {text: _absolute(text, other) for text in (*_texts(other.config), *other.sources)}
    for real, run in folders.items():
        name = run.path.name
        named = RUN_NAME.fullmatch(name) is not None
        for text, place in texts.items():
            if (
                place == real
                or place.startswith(real + os.sep)
                or (named and (name in text or text == name[-6:]))
            ):
                yield run


def _absolute(text: str, run: Summary) -> str:
    return os.path.realpath(Path(run.folder) / text) if os.sep in text and "\0" not in text else ""


def _texts(value: Any) -> Iterator[str]:
    """Every text in a config."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
