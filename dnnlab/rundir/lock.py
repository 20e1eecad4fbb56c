"""One writer for each run folder: a lock of the operating system on the file `lock`.

The lock ends with the process that holds it.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
import weakref
from datetime import datetime
from pathlib import Path
from typing import Any

from dnnlab.errors import Problem, RunError
from dnnlab.rundir.json_values import STRICT_ERRORS, read_object

NAME = "lock"
_PATIENCE = 0.3  # seconds; a reader that tests whether the lock is free holds it for an instant
_FLAGS = getattr(os, "O_BINARY", 0)

if sys.platform == "win32":

    def _try(handle: int, exclusive: bool) -> bool:
        """Lock one byte far after the text (Windows locks forbid reading). There is no shared form."""
        import msvcrt

        os.lseek(handle, 1 << 30, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:

    def _try(handle: int, exclusive: bool) -> bool:
        """Lock the file without waiting; closing the handle releases it."""
        import fcntl

        try:
            fcntl.flock(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class Lock:
    """A held lock.

    `previous` is the previous owner's record: host, pid, started. It is empty if there was no owner before.
    """

    def __init__(self, handle: int, previous: dict[str, Any]) -> None:
        self._handle: int | None = handle
        self.previous = previous
        _held.add(self)

    def is_in(self, folder: Path) -> bool:
        """Whether the folder still holds this lock's file: False if it was removed or replaced."""
        try:
            there = os.stat(folder / NAME)
        except OSError:
            return False
        return self._handle is not None and os.path.samestat(os.fstat(self._handle), there)

    def release(self) -> None:
        """Release the lock; the file stays, since removing it would race with the next owner."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


_held: weakref.WeakSet[Lock] = weakref.WeakSet()


def _forget() -> None:
    """Close the handles in a forked child; otherwise the lock would outlive the owner."""
    for lock in list(_held):
        lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def acquire(folder: Path) -> Lock:
    """Take the lock of a run folder. Raises `OSError`, and `RunError` that names the holding process."""
    handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | _FLAGS, 0o666)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _try(handle, exclusive=True):
            if time.monotonic() > deadline:
                raise RunError(_refusal(folder))
            time.sleep(0.02)
        previous = owner(folder)
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        text = json.dumps({"host": platform.node(), "pid": os.getpid(), "started": now}).encode() + b"\n"
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, text)
        os.ftruncate(handle, len(text))
    except BaseException:
        os.close(handle)
        raise
    return Lock(handle, previous)


def is_locked(folder: Path) -> bool:
    """Whether a live process holds the lock. Creates nothing. Raises `OSError` if that cannot be tested."""
    try:
        handle = os.open(folder / NAME, os.O_RDONLY | _FLAGS)
    except FileNotFoundError:
        return False
    try:
        return not _try(handle, exclusive=False)
    finally:
        os.close(handle)


def owner(folder: Path) -> dict[str, Any]:
    """The content of the lock file: host, pid, started. Empty if the file is missing or damaged."""
    try:
        return read_object((folder / NAME).read_bytes())
    except (OSError, *STRICT_ERRORS):
        return {}


def describe(holder: dict[str, Any]) -> str:
    """The content of a lock file as a phrase."""
    if not holder:
        return "an unknown process"
    return f"pid {holder.get('pid')} on {holder.get('host')} (since {holder.get('started')})"


def _refusal(folder: Path) -> Problem:
    holder = owner(folder)
    pid = holder.get("pid")
    stop = (
        f"wait until it ends, or stop it (kill {pid})" if pid else "wait until it ends, or stop that process"
    )
    received = f"this run is held by {describe(holder)}"
    return Problem(received, "one process at a time writes to a run", stop, file=str(folder), code="locked")
