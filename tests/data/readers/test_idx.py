"""IDX files: what is read, and what is said of files that are none."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from dnnlab.data.readers.idx import read_idx
from dnnlab.errors import DataError

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def idx_bytes(array: np.ndarray) -> bytes:
    header = struct.pack(f">{1 + array.ndim}I", CODES[array.dtype.str[1:]] << 8 | array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def written(folder: Path, content: bytes, name: str = "x.idx") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def error_of(path: Path, magic: int | None = None) -> str:
    with pytest.raises(DataError) as caught:
        read_idx(path, magic)
    return str(caught.value).replace(str(path), "FILE")


AGAIN = "; get the file again, or correct the path"


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_type_comes_back_in_native_order(tmp_path: Path, kind: str, pack: object) -> None:
    array = np.arange(-6 if kind[0] != "u" else 0, 6, dtype=np.int64).astype(kind).reshape(-1, 3, 2)
    found = read_idx(written(tmp_path, pack(idx_bytes(array))))  # type: ignore[operator]
    np.testing.assert_array_equal(found, array)
    assert found.dtype == np.dtype(kind)


def test_a_vector_and_an_empty_set(tmp_path: Path) -> None:
    assert read_idx(written(tmp_path, idx_bytes(np.array([3, 1], np.uint8))), 0x801).tolist() == [3, 1]
    assert read_idx(written(tmp_path, idx_bytes(np.zeros((0, 28, 28), np.uint8))), 0x803).shape == (0, 28, 28)


def test_a_bad_magic_number(tmp_path: Path) -> None:
    generic = "; expected 0x0000TTDD (TT: type 08 to 0e, DD: dimensions)" + AGAIN
    assert (
        error_of(written(tmp_path, b"PK\x03\x04" + bytes(90)))
        == "FILE: magic number 0x504b0304 (a zip file)" + generic
    )
    assert (
        error_of(written(tmp_path, b"<!DOCTYPE html>"))
        == "FILE: magic number 0x3c21444f (a web page?)" + generic
    )
    assert (
        error_of(written(tmp_path, struct.pack(">I", 0x0A03) + bytes(90)))
        == "FILE: magic number 0x00000a03" + generic
    )
    assert (
        error_of(written(tmp_path, struct.pack(">I", 0x0800) + bytes(90)))
        == "FILE: magic number 0x00000800" + generic
    )


def test_another_magic_number_than_the_one_that_was_asked_for(tmp_path: Path) -> None:
    assert error_of(written(tmp_path, idx_bytes(IMAGES[:, 0, 0])), 0x803) == (
        (
            "FILE: magic number 0x00000801 (unsigned bytes, 1 dimension); expected 0x00000803 "
            "(unsigned bytes, 3 dimensions)"
        )
        + AGAIN
    )


def test_truncated(tmp_path: Path) -> None:
    whole = idx_bytes(IMAGES)
    assert error_of(written(tmp_path, whole[:-5])) == (
        "FILE: truncated: 35 bytes; expected 40 for 2 x 3 x 4 unsigned bytes and the header" + AGAIN
    )
    assert (
        error_of(written(tmp_path, whole[:9]))
        == "FILE: 9 bytes, cut inside the header; expected a header of 16 bytes" + AGAIN
    )
    assert error_of(written(tmp_path, b"\0\0")) == "FILE: 2 bytes; an IDX file has 4 and more" + AGAIN
    assert error_of(written(tmp_path, b"")) == "FILE: 0 bytes; an IDX file has 4 and more" + AGAIN


def test_too_long(tmp_path: Path) -> None:
    assert error_of(written(tmp_path, idx_bytes(IMAGES) + b"xy")) == (
        "FILE: too long: 42 bytes; expected 40 for 2 x 3 x 4 unsigned bytes and the header" + AGAIN
    )


def test_truncated_gzip(tmp_path: Path) -> None:
    random = np.random.default_rng(0).integers(0, 256, (50, 28, 28), np.uint8)
    packed = gzip.compress(idx_bytes(random))
    text = error_of(written(tmp_path, packed[: len(packed) // 2], "x.gz"))
    assert (
        text.startswith(f"FILE: a truncated gzip file of {len(packed) // 2:,} bytes (")
        and "expected the end-of-stream mark" in text
    )
    assert "truncated gzip file" in error_of(written(tmp_path, packed[:-4], "x.gz"))
    assert "truncated gzip file of 5 bytes (0 unpacked)" in error_of(written(tmp_path, packed[:5], "x.gz"))
    assert "truncated: 35 bytes" in error_of(written(tmp_path, gzip.compress(idx_bytes(IMAGES)[:-5]), "x.gz"))


def test_damaged_gzip(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(idx_bytes(IMAGES)))
    packed[-6] ^= 1  # inside the checksum
    assert "FILE: a damaged gzip file (CRC check failed" in error_of(written(tmp_path, bytes(packed), "x.gz"))
    assert "FILE: a damaged gzip file (" in error_of(written(tmp_path, b"\x1f\x8b" + b"\xff" * 30, "x.gz"))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert (
        error_of(tmp_path / "none.idx")
        == "FILE: cannot be read (No such file or directory); expected an IDX file" + AGAIN
    )
    assert "FILE: cannot be read (" in error_of(tmp_path)
