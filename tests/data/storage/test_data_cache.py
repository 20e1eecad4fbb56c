"""Unpacked once, memory-mapped, made anew where it is not whole, and tidied; small things never touch the
disk.
"""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import numpy as np
import pytest

from dnnlab.data.readers.idx import read_idx
from dnnlab.data.storage import data_cache
from dnnlab.data.storage.data_cache import unpacked, write_header
from dnnlab.data.storage.memory_mapped import backing
from dnnlab.errors import DataError, StorageError

IMAGES = np.arange(2 * 3 * 4, dtype=">i2").reshape(2, 3, 4)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(data_cache, "SMALL", 10)
    return tmp_path / "cache"


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    path = tmp_path / "x.idx.gz"
    header = (0x0B03).to_bytes(4, "big") + b"".join(n.to_bytes(4, "big") for n in IMAGES.shape)
    path.write_bytes(gzip.compress(header + IMAGES.tobytes()))
    return path


def test_it_is_unpacked_once_and_mapped(packed: Path, cache: Path) -> None:
    first = read_idx(packed)
    (made,) = cache.glob("*.npy")
    before = made.stat().st_mtime_ns
    again = read_idx(packed)
    assert made.stat().st_mtime_ns == before and backing(again).path == made and first.dtype == np.dtype("i2")  # type: ignore[union-attr]
    for found in (first, again):
        np.testing.assert_array_equal(found, IMAGES)
        assert not found.flags.writeable


def test_other_bytes_make_another_cache(packed: Path, cache: Path) -> None:
    read_idx(packed)
    packed.write_bytes(gzip.compress(gzip.decompress(packed.read_bytes())[:-2] + b"\0\1"))
    assert read_idx(packed)[-1, -1, -1] == 1 and len(list(cache.glob("*.npy"))) == 2


def test_a_damaged_cache_is_made_anew(packed: Path, cache: Path) -> None:
    for suffix in (".npy", ".json"):
        for damage in (lambda whole: whole[:-1], lambda whole: b"", lambda whole: whole[:-2] + b"xx"):
            read_idx(packed)
            (file,) = cache.glob(f"*{suffix}")
            file.write_bytes(damage(file.read_bytes()))
            np.testing.assert_array_equal(read_idx(packed), IMAGES)


def test_small_arrays_leave_nothing_on_the_disk(
    packed: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_cache, "SMALL", 1000)
    np.testing.assert_array_equal(read_idx(packed), IMAGES)
    assert not cache.exists()


def test_a_folder_that_cannot_be_written_is_said_for_large_arrays_alone(
    packed: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.write_bytes(b"a file where the folder should be")
    np.testing.assert_array_equal(read_idx(packed), IMAGES)
    monkeypatch.setattr(data_cache, "_MOST_IN_MEMORY", 20)
    with pytest.raises(StorageError) as caught:
        read_idx(packed)
    assert str(caught.value) == (
        f"path: x.idx.gz cannot be unpacked into {cache} (File exists); expected a folder that can "
        "be written; "
        "free 0.0 GB there, or set DNNLAB_CACHE to a folder that can be written"
    )


def test_what_goes_wrong_in_the_middle_leaves_nothing_behind(packed: Path, cache: Path) -> None:
    packed.write_bytes(gzip.compress(gzip.decompress(packed.read_bytes())[:-2]))
    with pytest.raises(DataError, match="truncated: 62 bytes; expected 64"):
        read_idx(packed)
    assert list(cache.iterdir()) == []


def test_caches_that_nobody_uses_are_removed(packed: Path, cache: Path, tmp_path: Path) -> None:
    def make(source: Path) -> None:
        def write(file: object) -> None:
            write_header(file, (3,), np.dtype(np.float64))  # type: ignore[arg-type]
            file.write(np.arange(3.0).data)  # type: ignore[attr-defined]

        unpacked(source, ["test"], 24, write)

    read_idx(packed)
    foreign, left, own = cache / "notes.json", cache / f"{'0' * 64}.abcd.tmp", next(cache.glob("*.json"))
    foreign.write_text("{}")
    left.write_text("")
    long_ago = time.time() - 61 * 86400
    for file in (own, foreign, left):
        os.utime(file, (long_ago, long_ago))
    read_idx(packed)  # used again: it stays
    make(packed)
    assert own.exists() and foreign.exists() and not left.exists()
    os.utime(own, (long_ago, long_ago))
    (tmp_path / "other").write_bytes(b"other bytes")
    make(tmp_path / "other")
    assert not own.exists() and not own.with_suffix(".npy").exists() and len(list(cache.glob("*.npy"))) == 2
