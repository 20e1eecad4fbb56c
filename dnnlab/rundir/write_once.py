"""New files beside what is there: whole or not at all, and never over another file."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from dnnlab.rundir import atomic


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, atomically and durably; the folder must be there.

    Raises `FileExistsError` where somebody else's file is (it stays as it is), and `OSError`.
    """
    temporary = path.parent / f".{path.name}.{secrets.token_hex(3)}.tmp"
    try:
        temporary.write_bytes(content)
        atomic.sync_file(temporary)
        try:
            os.link(temporary, path)  # unlike a rename, it fails where the name is taken
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            with path.open("xb") as file:
                file.write(content)
            atomic.sync_file(path)
    finally:
        temporary.unlink(missing_ok=True)
    atomic.sync_folder(path.parent)


def add_file(run: Path, relative: str, text: str) -> Path:
    """Add a file (UTF-8) to a run, which may be training meanwhile: neither its lock nor its other files are touched.

    Sub-folders are made. Raises `FileExistsError` where there is such a file, `ValueError` for a path that
    leaves the run, `StorageError`.
    """
    if Path(relative).is_absolute() or ".." in Path(relative).parts:
        raise ValueError(f"{relative!r} leaves the run folder")
    path = run / relative
    with atomic.storing(path):
        path.parent.mkdir(exist_ok=True)
        try:
            write_new(path, text.encode("utf-8", "backslashreplace"))
        except FileExistsError:
            pass
        else:
            return path
    raise FileExistsError(f"{path} is there already")
