"""Caches of packed files and tables: unpacked once into a memory-mapped file that its sha256 names."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np

from ...errors import Problem, StorageError
from ..locate import unreadable
from ..raw import Array

VARIABLE = "DNNLAB_CACHE"
INDEX = ".digests"
"""How the index of a folder's file digests ends."""
SMALL = 1 << 24  # bytes: up to here nothing is kept on the disk
_MOST_IN_MEMORY = 1 << 28  # bytes that are read into memory where the folder cannot be written
_VERSION = 1  # raised whenever the same file would be unpacked otherwise
_DAYS = 60
_DAY = 86400

Write = Callable[[BinaryIO], None]
Found = TypeVar("Found")


def cache_folder() -> Path:
    """`$DNNLAB_CACHE`, else `$XDG_CACHE_HOME/dnnlab`, else `~/.cache/dnnlab`."""
    own, shared = os.environ.get(VARIABLE), os.environ.get("XDG_CACHE_HOME", "")
    if own:
        return Path(own).expanduser()
    return (
        Path(shared if Path(shared).is_absolute() else "~/.cache").expanduser() / "dnnlab"
    )  # the specification ignores relative paths


def unpacked(source: Path, wanted: Sequence[Any], size: int, write: Write) -> Array:
    """The array that `write` writes as a .npy file, memory-mapped and read-only; in memory where it is small.

    source: the packed file; wanted: what decides the array besides its bytes, as plain data; size: of the
    array in bytes, about. Raises `StorageError` where a large array cannot be written, `DataError` where the
    source cannot be read.
    """
    if size <= SMALL:
        return _in_memory(write)
    folder = cache_folder()
    stem = folder / _key(source, wanted)

    def make(file: io.BufferedRandom) -> dict[str, Any]:
        write(file)
        file.flush()
        known = os.fstat(file.fileno())
        return {"source": str(source.absolute()), "size": known.st_size, "mtime_ns": known.st_mtime_ns}

    try:
        return kept(stem, lambda: _load(stem), make)
    except OSError as error:
        if size <= _MOST_IN_MEMORY:
            return _in_memory(write)
        fix = f"free {size / 1e9:.1f} GB there, or set {VARIABLE} to a folder that can be written"
        text = f"{source.name} cannot be unpacked into {folder} ({error.strerror or error})"
        raise StorageError(
            Problem(text, "expected a folder that can be written", fix, "path", code="cache")
        ) from error


def kept(
    stem: Path, load: Callable[[], Found | None], make: Callable[[io.BufferedRandom], dict[str, Any]]
) -> Found:
    """What a cache holds, made first where it does not hold it whole.

    make: writes the .npy file and gives its note, which becomes the .json file. Raises `OSError` where the
    folder cannot be written, `StorageError` where another process changes the files.
    """
    found = load()
    if found is None:
        stem.parent.mkdir(parents=True, exist_ok=True)
        tidy(stem.parent)
        _write(stem, make)
        found = load()
    if found is None:
        text = f"{stem.name[:12]}... in {stem.parent} was changed while it was written"
        fix = f"set {VARIABLE} to another folder"
        raise StorageError(
            Problem(text, "expected a folder that only dnnlab writes", fix, "path", code="cache")
        )
    return found


def write_header(file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """The beginning of a .npy file; the numbers follow in row order."""
    described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, described)


def tidy(folder: Path) -> None:
    """Remove caches that were not used for 60 days, and the remains of processes that died while writing."""
    now = time.time()
    for path in folder.glob("*"):
        kind = path.suffix if len(path.stem.partition(".")[0]) == 64 else ""
        age = _DAYS if kind in (".json", INDEX) else 1 if kind == ".tmp" else None
        try:
            if age is not None and now - path.stat().st_mtime > age * _DAY:
                path.with_suffix(".npy").unlink(missing_ok=True)
                path.unlink(missing_ok=True)
        except OSError:
            continue  # somebody else's, or gone: a cache is no reason to stop


def used(note: Path) -> None:
    """Remember that a cache was used today."""
    try:
        os.utime(note)
    except OSError:
        return  # a folder that can only be read keeps its caches


def _key(source: Path, wanted: Sequence[Any]) -> str:
    try:
        with source.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(source, error, "path") from None
    return hashlib.sha256(json.dumps([_VERSION, content, wanted]).encode()).hexdigest()


def _load(stem: Path) -> Array | None:
    """The cached array, or None where it is missing, cut or was changed since."""
    pixels, note = stem.with_suffix(".npy"), stem.with_suffix(".json")
    try:
        told, known = json.loads(note.read_text(encoding="utf-8")), pixels.stat()
        if [known.st_size, known.st_mtime_ns] != [told["size"], told["mtime_ns"]]:
            return None
        array: Array = np.load(pixels, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    used(note)
    return array


def _write(stem: Path, make: Callable[[io.BufferedRandom], dict[str, Any]]) -> None:
    temporary = stem.with_suffix(f".{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("wb+") as file:
            note = make(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(stem.with_suffix(".npy"))
        # The note comes last: without it, or with another one, the array does not count.
        temporary.write_text(json.dumps(note), encoding="utf-8")
        temporary.replace(stem.with_suffix(".json"))
    finally:
        temporary.unlink(missing_ok=True)


def _in_memory(write: Write) -> Array:
    file = io.BytesIO()
    write(file)
    file.seek(0)
    array: Array = np.load(file, allow_pickle=False)
    array.flags.writeable = False
    return array
