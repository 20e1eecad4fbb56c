"""Decoded images on the disk: decoded once, then memory-mapped. A cache that is not whole is made anew."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from io import BufferedRandom
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...errors import Problem, StorageError
from ..raw import Array
from ..readers.image_decode import DECODER, BadImageError, Form, decode, quiet
from .data_cache import INDEX, VARIABLE, cache_folder, kept, used, write_header
from .file_digests import file_digests

_BLOCK = 256


@dataclass(frozen=True, eq=False)
class Decoded:
    """The decoded images of a folder."""

    pixels: Array
    """(kept, channels, height, width) uint8, memory-mapped."""
    form: Form
    bad: tuple[tuple[int, str], ...]
    """(number of the file, reason) of those that could not be read."""


def cache_key(root: Path, files: Sequence[Path], wanted: Sequence[Any]) -> str:
    """The sha256 of what decides the bytes: names and contents of the files, the form, the decoder."""
    import PIL

    digest = hashlib.sha256(json.dumps([DECODER, PIL.__version__, wanted]).encode())
    index = cache_folder() / f"{hashlib.sha256(os.fsencode(root.absolute())).hexdigest()}{INDEX}"
    for file, content in zip(files, file_digests(files, index), strict=True):
        digest.update(os.fsencode(file.relative_to(root)) + b"\0" + content)
    return digest.hexdigest()


def decoded(root: Path, files: Sequence[Path], wanted: Sequence[Any], choose: Callable[[], Form]) -> Decoded:
    """All images from the cache, after decoding them into it where it does not hold them whole.

    wanted: the keys that decide the form, as plain data; choose: finds the form, called only when there is
    something to decode. Raises `StorageError` where the cache cannot be written.
    """
    folder = cache_folder()
    stem = folder / cache_key(root, files, wanted)

    def make(file: BufferedRandom) -> dict[str, Any]:
        form = choose()
        bad = _write(file, files, form)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"sha256": digest, **asdict(form), "bad": bad}

    try:
        return kept(stem, lambda: _load(stem, len(files)), make)
    except OSError as error:
        fix = f"free space there, or set {VARIABLE} to a folder that can be written"
        text = f"the decoded images cannot be written to {folder} ({error.strerror or error})"
        raise StorageError(
            Problem(text, "expected a folder that can be written", fix, "path", code="cache")
        ) from error


def _load(stem: Path, files: int) -> Decoded | None:
    """What the cache holds, or None where something is missing, cut or changed."""
    pixels = stem.with_suffix(".npy")
    try:
        note = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
        with pixels.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != note["sha256"]:
                return None
        bad = tuple((int(number), str(reason)) for number, reason in note["bad"])
        size, values = (int(note["size"][0]), int(note["size"][1])), note["values"]
        black_white = None if values is None else (float(values[0]), float(values[1]))
        form = Form(size, int(note["channels"]), str(note["fit"]), black_white)
        shape = (files - len(bad), form.channels, *form.size)
        # An array without rows has nothing that could be mapped.
        array = np.load(pixels, mmap_mode="r", allow_pickle=False) if shape[0] else np.zeros(shape, np.uint8)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None
    if array.shape != shape or array.dtype != np.uint8:
        return None
    used(stem.with_suffix(".json"))
    return Decoded(array, form, bad)


def _write(file: BinaryIO, files: Sequence[Path], form: Form) -> list[tuple[int, str]]:
    """Write a .npy file, image after image, and return the bad ones.

    Nothing is mapped while it is written: a disk that fills up would kill the process.
    """
    bad: list[tuple[int, str]] = []
    start = _header(file, len(files), form)

    def read(path: Path) -> Array | str:
        try:
            return decode(path, form)
        except BadImageError as error:
            return str(error)

    with quiet(), ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for first in range(0, len(files), _BLOCK):
            for number, result in enumerate(pool.map(read, files[first : first + _BLOCK]), first):
                if isinstance(result, str):
                    bad.append((number, result))
                else:
                    file.write(np.ascontiguousarray(result).data)
    if bad:
        file.seek(0)
        if _header(file, len(files) - len(bad), form) != start:
            raise OSError(errno.EIO, "the header of the .npy file changed its length")
        file.seek(0, os.SEEK_END)
    return bad


def _header(file: BinaryIO, rows: int, form: Form) -> int:
    """Write the header of a .npy file; NumPy leaves room in it for any number of rows. Returns its length."""
    write_header(file, (rows, form.channels, *form.size), np.dtype(np.uint8))
    return file.tell()
