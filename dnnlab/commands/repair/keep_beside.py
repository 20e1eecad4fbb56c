"""Damaged files stay beside what replaces them, under a name that tells their content.

So a repair that was killed and begun again keeps one copy.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from ...rundir.atomic import storing, sync_folder, write_new


def keep_beside(path: Path) -> str:
    """Copy a file beside itself; the name of the copy. Raises `StorageError`."""
    kept = _beside(path)
    with storing(kept), suppress(FileExistsError):
        write_new(kept, path.read_bytes())
    return kept.name


def set_aside(path: Path) -> str:
    """Rename a file out of the way; its new name. Raises `StorageError`."""
    kept = _beside(path)
    with storing(kept):
        path.replace(kept)
        sync_folder(path.parent)
    return kept.name


def _beside(path: Path) -> Path:
    with storing(path):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return path.with_name(f"{path.name}.damaged-{digest[:8]}")
