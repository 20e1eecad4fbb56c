"""Files that are no files to read: reading a pipe may wait for ever, and a device may never end."""

from __future__ import annotations

import stat
from pathlib import Path

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
WRITE_A_FILE = "write its content into a file first"


def special_kind(path: Path) -> str | None:
    """`a pipe`, `a device` or `a socket`; None for files, folders and paths that cannot be looked up."""
    try:
        return _KINDS.get(stat.S_IFMT(path.stat().st_mode))
    except (OSError, ValueError):
        return None
