"""Write files atomically and durably: after a kill or a power cut a file is whole or not there.

`write_text` replaces a file, `write_new` makes one.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dnnlab.errors import Problem, StorageError
from dnnlab.rundir.json_values import plain

TEMPORARY = ".*.tmp"
"""Glob of the temporary names that a killed process may leave behind."""

_FIXES = {
    errno.ENOSPC: "free space on that disk",
    errno.EDQUOT: "free space in your quota",
    errno.EMFILE: "raise the limit of open files (`ulimit -n 1024`)",
    errno.EFBIG: "raise the file size limit",
    errno.EACCES: "make it writable",
    errno.EPERM: "make it writable",
    errno.EROFS: "make it writable",
}


def reason(error: OSError) -> str:
    """The message of the operating system, without the path and the number."""
    return error.strerror or str(error)


def remedy(error: OSError) -> str:
    """The first half of a fix: what to do about this kind of failure."""
    return _FIXES.get(error.errno or 0, "check that disk")


@contextmanager
def storing(path: Path, fix: str = "") -> Iterator[None]:
    """Turn an `OSError` of the body into a `StorageError` with path, reason and fix."""
    try:
        yield
    except OSError as error:
        advice = ", ".join(part for part in (remedy(error), fix) if part)
        raise StorageError(
            Problem(
                f"cannot write: {reason(error)}",
                "expected a folder that can be written",
                advice,
                file=str(path),
                code="storage",
            )
        ) from error


_durable = True


def leave_to_system() -> None:
    """Stop waiting for the disk in this process.

    Files are still whole after a kill, but perhaps not after a power cut. Workers of a sweep use this: the
    sweep's ledger is durable, and a damaged trial is trained again.
    """
    global _durable
    _durable = False


def sync_handle(handle: int) -> None:
    """Make the content of an open file durable."""
    if _durable:
        os.fsync(handle)


def sync_folder(path: Path) -> None:
    """Make names created or renamed in a folder durable. Windows has no such call and does not need it."""
    if os.name == "nt" or not _durable:
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems cannot sync a folder
            raise
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make the content of a file durable that other code wrote."""
    if not _durable:
        return
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; after the body, sync the file and rename it to `path`.

    The folder is synced too. On any failure the temporary file is removed and `path` stays as it was.
    """
    temporary = path.parent / f".{path.name}.{secrets.token_hex(3)}.tmp"
    try:
        yield temporary
        sync_file(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a whole file in UTF-8. A lone surrogate (a file name that is no UTF-8) becomes its JSON escape.

    Raises `OSError`; the old file is then untouched.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(text_bytes(text))


def text_bytes(text: str) -> bytes:
    """A text in UTF-8."""
    return text.encode("utf-8", "backslashreplace")


def write_json(path: Path, value: Any) -> None:
    """Write a whole JSON file, indented; numbers that are not finite become null.

    Raises `OSError`, `TypeError`.
    """
    write_text(path, json_text(value))


def json_text(value: Any) -> str:
    """The text of a JSON file, indented. Raises `TypeError`."""
    return json.dumps(plain(value), allow_nan=False, ensure_ascii=False, indent=1) + "\n"


def write_new(path: Path, content: bytes) -> None:
    """Write a new file, atomically and durably; its folder must exist.

    Raises `FileExistsError` if there is a file of that name (it is not changed), and `OSError`.
    """
    temporary = path.parent / f".{path.name}.{secrets.token_hex(3)}.tmp"
    try:
        temporary.write_bytes(content)
        sync_file(temporary)
        try:
            os.link(temporary, path)  # unlike a rename, it fails if the name is taken
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            with path.open("xb") as file:
                file.write(content)
            sync_file(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def add_file(run: Path, relative: str, text: str) -> Path:
    """Add a text file (UTF-8) to a run, even while it is training.

    The run's lock and its other files are not touched. Sub-folders are made. Raises `FileExistsError` if
    there is a file of that name, `ValueError` for a path that leaves the run, `StorageError`.
    """
    if Path(relative).is_absolute() or ".." in Path(relative).parts:
        raise ValueError(f"{relative!r} leaves the run folder")
    path = run / relative
    with storing(path):
        path.parent.mkdir(exist_ok=True)
        try:
            write_new(path, text_bytes(text))
        except FileExistsError:
            pass
        else:
            return path
    raise FileExistsError(f"{path} is there already")
