"""Digests of many files: of their content, read again only where the system says that a file changed."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from ..locate import unreadable

_SIZE = 32  # bytes of a sha256
_JUST_NOW = 2_000_000_000  # ns: within the tick of a clock a file may change without another time

Digests = dict[bytes, bytes]


def file_digests(files: Sequence[Path], index: Path) -> list[bytes]:
    """The sha256 of each file's content.

    index: where they are kept, by the file's path, place on the disk, size and times. Among the times is that
    of the last change of any kind, which no program can set: copies that keep names, sizes and dates, and
    files that were replaced, are read. Raises `DataError` for files that cannot be read.
    """
    known, kept, result = _read(index), Digests(), []
    for file in files:
        try:
            key, changed = _identity(file)
            digest = known.get(key)
            if digest is None:
                with file.open("rb") as opened:
                    digest = hashlib.file_digest(opened, "sha256").digest()
        except OSError as error:
            raise unreadable(file, error, "path") from None
        result.append(digest)
        if key in known or changed < time.time_ns() - _JUST_NOW:
            kept[key] = digest
    if kept != known:
        _write(index, kept)
    return result


def _identity(file: Path) -> tuple[bytes, int]:
    """What tells whether a file is as it was, and when it changed last, in ns."""
    at = file.stat()
    told = f"\0{at.st_dev}\0{at.st_ino}\0{at.st_size}\0{at.st_mtime_ns}\0{at.st_ctime_ns}".encode()
    return hashlib.sha256(os.fsencode(file.absolute()) + told).digest(), at.st_ctime_ns


def _read(index: Path) -> Digests:
    """The kept digests; none if the index is missing or damaged."""
    try:
        content = index.read_bytes()
    except OSError:
        return {}
    body, check = content[:-_SIZE], content[-_SIZE:]
    if len(body) % (2 * _SIZE) or hashlib.sha256(body).digest() != check:
        return {}
    pairs = range(0, len(body), 2 * _SIZE)
    return {body[at : at + _SIZE]: body[at + _SIZE : at + 2 * _SIZE] for at in pairs}


def _write(index: Path, digests: Digests) -> None:
    """Replace the index; without it the files are read again next time."""
    body = b"".join(key + digest for key, digest in digests.items())
    temporary = index.with_suffix(f".{secrets.token_hex(4)}.tmp")
    try:
        index.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(body + hashlib.sha256(body).digest())
        temporary.replace(index)
    except OSError:
        temporary.unlink(missing_ok=True)
