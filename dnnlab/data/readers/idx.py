"""The IDX file format (MNIST's own): a magic number, the sizes, then the numbers in row order.

Source: LeCun, Cortes & Burges, "The MNIST database of handwritten digits", section "file formats".
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from ...errors import DataError, Problem
from ..storage.data_cache import unpacked, write_header

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_WORDS = {
    0x08: "unsigned bytes",
    0x09: "signed bytes",
    0x0B: "16-bit integers",
    0x0C: "32-bit integers",
    0x0D: "floats",
    0x0E: "doubles",
}
_CHUNK = 1 << 20  # a multiple of every item size
_LONGEST_HEADER = 4 + 4 * 255


@dataclass(frozen=True)
class Header:
    """shape and dtype (in the file's byte order) of the array, and where in the file its numbers start."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    start: int
    words: str

    @property
    def size(self) -> int:
        """Bytes of the numbers."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_idx(path: Path, magic: int | None = None) -> np.ndarray:
    """The array of an IDX file, gzip-compressed or not (told by its first bytes, not by its name), read-only.

    magic: the number the file must begin with (0x803: unsigned bytes in 3 dimensions), where only one will
    do. Bytes are memory-mapped; what is compressed or large in another byte order is unpacked once into the
    cache of `data_cache`. Raises `DataError` naming the file, what was found and what was expected:
    unreadable, no IDX, another magic number, truncated (as gzip too), too long; `StorageError` where there is
    no room to unpack it.
    """
    with _errors(path):
        with _opened(path) as (file, packed):
            beginning = file.read(_LONGEST_HEADER)
            header = _header(path, beginning, magic)
        if not packed:
            _check_length(path, header, path.stat().st_size)
            if header.dtype.itemsize == 1 and header.size:
                return np.memmap(path, header.dtype, "r", header.start, header.shape)
        return unpacked(path, ["idx"], header.size, lambda target: _unpack(path, header, target))


def _unpack(path: Path, header: Header, target: BinaryIO) -> None:
    """Write the numbers as a .npy file in the machine's byte order. Raises `DataError`."""
    native = header.dtype.newbyteorder("=")
    write_header(target, header.shape, native)
    with _errors(path), _opened(path) as (file, _):
        file.read(header.start)
        length = header.start
        while chunk := file.read(_CHUNK):
            length += len(chunk)
            whole = len(chunk) - len(chunk) % header.dtype.itemsize  # a rest is an error below
            target.write(np.frombuffer(chunk[:whole], header.dtype).astype(native, copy=False).data)
    _check_length(path, header, length)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, bool]]:
    """The file's content, unpacked, and whether it was packed."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        yield (cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw), packed


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """What reading may raise becomes a `DataError`."""
    try:
        yield
    except EOFError:
        text = path.read_bytes()
        received = f"a truncated gzip file of {len(text):,} bytes ({_unpacked_size(text):,} unpacked)"
        raise _problem(path, received, "expected the end-of-stream mark", "truncated") from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise _problem(
            path, f"a damaged gzip file ({error})", "expected one that unpacks without errors", "damaged"
        ) from None
    except OSError as error:
        raise _problem(
            path, f"cannot be read ({error.strerror or error})", "expected an IDX file", "unreadable"
        ) from None


def _header(path: Path, text: bytes, magic: int | None) -> Header:
    if len(text) < 4:
        raise _problem(path, f"{len(text)} bytes", "an IDX file has 4 and more", "truncated")
    found = struct.unpack(">I", text[:4])[0]
    zeros, code, dims = found >> 16, found >> 8 & 0xFF, found & 0xFF
    if zeros or code not in _TYPES or dims == 0 or (magic is not None and found != magic):
        wanted = (
            f"{magic:#010x} ({_meaning(magic)})"
            if magic is not None
            else "0x0000TTDD (TT: type 08 to 0e, DD: dimensions)"
        )
        raise _problem(path, f"magic number {found:#010x}{_guess(text)}", f"expected {wanted}", "bad_magic")
    start = 4 + 4 * dims
    if len(text) < start:
        raise _problem(
            path,
            f"{len(text)} bytes, cut inside the header",
            f"expected a header of {start} bytes",
            "truncated",
        )
    return Header(struct.unpack(f">{dims}I", text[4:start]), np.dtype(_TYPES[code]), start, _WORDS[code])


def _check_length(path: Path, header: Header, length: int) -> None:
    expected = header.start + header.size
    if length == expected:
        return
    sizes = " x ".join(f"{n:,}" for n in header.shape)
    state, code = ("truncated", "truncated") if length < expected else ("too long", "wrong_length")
    raise _problem(
        path,
        f"{state}: {length:,} bytes",
        f"expected {expected:,} for {sizes} {header.words} and the header",
        code,
    )


def _unpacked_size(text: bytes) -> int:
    """How much of a truncated gzip file can be unpacked."""
    unpacker, size = zlib.decompressobj(wbits=31), 0
    try:
        while text:
            size += len(unpacker.decompress(text, _CHUNK))
            text = unpacker.unconsumed_tail
    except zlib.error:
        return 0
    return size


def _meaning(magic: int) -> str:
    return f"{_WORDS[magic >> 8 & 0xFF]}, {magic & 0xFF} dimension{'s' if magic & 0xFF > 1 else ''}"


def _guess(text: bytes) -> str:
    if text[:2] == b"\0\0" and text[2] in _TYPES and text[3]:
        return f" ({_meaning(struct.unpack('>I', text[:4])[0])})"
    if text.lstrip()[:1] == b"<":
        return " (a web page?)"
    return " (a zip file)" if text[:2] == b"PK" else ""


def _problem(path: Path, received: str, expected: str, code: str) -> DataError:
    return DataError(
        Problem(f"{path}: {received}", expected, "get the file again, or correct the path", code=code)
    )
