"""The IDX file format (MNIST's own): a magic number, the sizes, then the numbers in row order.

Source: LeCun, Cortes & Burges, "The MNIST database of handwritten digits", section "file formats".
"""

from __future__ import annotations

import gzip
import io
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from ..errors import DataError, Problem

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_WORDS = {0x08: "unsigned bytes", 0x09: "signed bytes", 0x0B: "16-bit integers", 0x0C: "32-bit integers", 0x0D: "floats", 0x0E: "doubles"}


def read_idx(path: Path, magic: int | None = None) -> np.ndarray:
    """The array of an IDX file, gzip-compressed or not (told by its first bytes, not by its name).

    magic: the number the file must begin with (0x803: unsigned bytes in 3 dimensions), where only one will do.
    Numbers come in the machine's byte order; bytes are not copied and read-only. Raises `DataError` naming the file, what was found
    and what was expected: unreadable, no IDX, another magic number, truncated (as gzip too), too long.
    """
    text = _bytes(path)
    if len(text) < 4:
        raise _problem(path, f"{len(text)} bytes", "an IDX file has 4 and more", "truncated")
    found = struct.unpack(">I", text[:4])[0]
    zeros, code, dims = found >> 16, found >> 8 & 0xFF, found & 0xFF
    if zeros or code not in _TYPES or dims == 0 or (magic is not None and found != magic):
        wanted = f"{magic:#010x} ({_meaning(magic)})" if magic is not None else "0x0000TTDD (TT: type 08 to 0e, DD: dimensions)"
        raise _problem(path, f"magic number {found:#010x}{_guess(text)}", f"expected {wanted}", "bad_magic")
    start = 4 + 4 * dims
    if len(text) < start:
        raise _problem(path, f"{len(text)} bytes, cut inside the header", f"expected a header of {start} bytes", "truncated")
    shape = struct.unpack(f">{dims}I", text[4:start])
    dtype = np.dtype(_TYPES[code])
    expected = start + math.prod(shape) * dtype.itemsize
    if len(text) != expected:
        sizes = " x ".join(f"{n:,}" for n in shape)
        state, error = ("truncated", "truncated") if len(text) < expected else ("too long", "wrong_length")
        raise _problem(path, f"{state}: {len(text):,} bytes", f"expected {expected:,} for {sizes} {_WORDS[code]} and the header", error)
    array = np.frombuffer(text, dtype, offset=start).reshape(shape)
    array = array.astype(dtype.newbyteorder("="), copy=False)
    array.flags.writeable = False
    return array


def _bytes(path: Path) -> bytes | bytearray:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise _problem(path, f"cannot be read ({error.strerror or error})", "expected an IDX file", "unreadable") from None
    if not text.startswith(b"\x1f\x8b"):
        return text
    try:
        return _unzip(text)
    except EOFError:
        unpacked = _unpacked_size(text)
        raise _problem(
            path, f"a truncated gzip file of {len(text):,} bytes ({unpacked:,} unpacked)", "expected the end-of-stream mark", "truncated"
        ) from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise _problem(path, f"a damaged gzip file ({error})", "expected one that unpacks without errors", "damaged") from None


def _unzip(text: bytes) -> bytes | bytearray:
    """The unpacked text, in a buffer of the size that the file's end tells: `gzip.decompress` would hold it twice."""
    told = int.from_bytes(text[-4:], "little")
    if told > 1032 * len(text):  # deflate packs no tighter, so these bytes are not a size: the file is cut
        return gzip.decompress(text)
    buffer, filled = bytearray(told), 0
    with gzip.GzipFile(fileobj=io.BytesIO(text)) as file, memoryview(buffer) as view:
        while count := file.readinto(view[filled:]):
            filled += count
        rest = file.read()
    return buffer if filled == told and not rest else bytes(buffer[:filled]) + rest


def _unpacked_size(text: bytes) -> int:
    """How much of a truncated gzip file can be unpacked."""
    try:
        return len(zlib.decompressobj(wbits=31).decompress(text))
    except zlib.error:
        return 0


def _meaning(magic: int) -> str:
    return f"{_WORDS[magic >> 8 & 0xFF]}, {magic & 0xFF} dimension{'s' if magic & 0xFF > 1 else ''}"


def _guess(text: bytes | bytearray) -> str:
    if text[:2] == b"\0\0" and text[2] in _TYPES and text[3]:
        return f" ({_meaning(struct.unpack('>I', text[:4])[0])})"
    if text.lstrip()[:1] == b"<":
        return " (a web page?)"
    return " (a zip file)" if text[:2] == b"PK" else ""


def _problem(path: Path, received: str, expected: str, code: str) -> DataError:
    return DataError(Problem(f"{path}: {received}", expected, "get the file again, or correct the path", code=code))
