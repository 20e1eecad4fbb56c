"""Make a new run folder or reopen an old one: both return a `RunFolder` that holds the lock."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex

from dnnlab.errors import Problem, RunError, StorageError
from dnnlab.rundir import atomic, lock
from dnnlab.rundir.find import check_links, list_runs, order_of
from dnnlab.rundir.folder import RunFolder
from dnnlab.rundir.names import RUN_NAME, slug
from dnnlab.rundir.reader import FORMAT, META, is_run
from dnnlab.rundir.status import RunStatus


def create(runs_dir: Path, name: str) -> RunFolder:
    """Make a new run folder below `runs_dir`, locked and with the status running.

    Its name is `YYYYMMDD-HHMMSS-<name>-<6 hex>`. `runs_dir` is made if it is missing. Raises `StorageError`;
    no incomplete folder is left then.
    """
    check_links(runs_dir)
    missing = [parent for parent in (runs_dir, *runs_dir.parents) if not os.path.exists(parent)]
    try:
        with atomic.storing(runs_dir, "or choose another folder with --runs-dir"):
            runs_dir.mkdir(parents=True, exist_ok=True)
            path = _make_folder(runs_dir, slug(name))
            folder = _fill(path, name, _after_others(path))
            folder.made = missing
            return folder
    except StorageError:
        for parent in missing:
            with suppress(OSError):  # not made, or another process's run is in it by now
                parent.rmdir()
        raise


def create_at(path: Path, name: str) -> RunFolder:
    """Make the run folder `path`, such as a trial of a sweep, like `create`.

    Raises `StorageError`, also if the folder exists.
    """
    with atomic.storing(path):
        path.mkdir(parents=True)
        return _fill(path, name)


def _make_folder(runs_dir: Path, name: str) -> Path:
    """A new folder that no other process uses: mkdir fails if the name is taken."""
    while True:
        path = runs_dir / f"{datetime.now():%Y%m%d-%H%M%S}-{name}-{token_hex(3)}"
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path


def _after_others(path: Path) -> dict[str, str]:
    """The key `order` of a run that is made after the clock was set back; nothing for all others.

    Only names are read, unless one of them is of a later time than this one's.
    """
    stamps = [name[:15] for name in os.listdir(path.parent) if RUN_NAME.fullmatch(name) and name != path.name]
    if max(stamps, default="") < path.name[:15]:
        return {}
    newest, now = max(order_of(run) for run in list_runs(path.parent) if run != path), datetime.now()
    if newest < now.timestamp():
        return {}
    after = now + timedelta(seconds=newest - now.timestamp(), microseconds=1)
    return {"order": after.astimezone().isoformat(timespec="microseconds")}


def _fill(path: Path, name: str, order: Mapping[str, str] | None = None) -> RunFolder:
    try:
        held = lock.acquire(path)
        try:
            begun = {"format": FORMAT, "name": name, "status": RunStatus.RUNNING}
            created = datetime.now().astimezone().isoformat(timespec="microseconds")
            atomic.write_json(path / META, {**begun, "created": created, **(order or {})})
            atomic.sync_folder(path.parent)
        except BaseException:
            held.release()
            raise
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return RunFolder(path, held)


def reopen(path: Path) -> RunFolder:
    """Open an existing run to continue it. `notes` names the previous owner of the lock, and any damage.

    Raises `RunError` if a live process holds the lock (naming host, pid, start time) or if the folder is no
    run, and `StorageError`.
    """
    if not is_run(path):
        raise RunError(
            Problem(
                "this is no run folder",
                f"expected a folder with {META}",
                "look with `dnnlab runs`",
                file=str(path),
                code="no_run",
            )
        )
    with atomic.storing(path):
        held = lock.acquire(path)
    folder = RunFolder(path, held)
    try:
        meta = folder.meta()
        with atomic.storing(path):
            # files of a process that was killed while writing; deleting is safe, since the lock is ours
            for left in path.rglob(atomic.TEMPORARY):
                left.unlink(missing_ok=True)
    except BaseException:
        folder.close()
        raise
    if held.previous and meta.get("status") == RunStatus.RUNNING:
        folder.notes.append(f"taken over from {lock.describe(held.previous)}, which is gone")
    return folder
