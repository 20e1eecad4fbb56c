"""The cache of decoded images: made once, memory-mapped, checked, and made anew where it is not whole."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from helpers.images import class_folders, pixels, read_folder, save

from dnnlab.data.storage import file_digests, image_cache
from dnnlab.data.storage.data_cache import cache_folder
from dnnlab.errors import StorageError


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def decodings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    seen: list[Path] = []
    real = image_cache.decode
    monkeypatch.setattr(image_cache, "decode", lambda path, form: (seen.append(path), real(path, form))[1])
    return seen


def test_images_are_decoded_once(tmp_path: Path, cache: Path, decodings: list[Path]) -> None:
    root = class_folders(tmp_path / "photos")
    first, second = read_folder(root), read_folder(root)
    assert len(decodings) == 8 and first.fingerprint() == second.fingerprint()
    assert sorted(path.suffix for path in cache.iterdir()) == [".json", ".npy"]
    assert np.load(next(cache.glob("*.npy"))).shape == (8, 3, 6, 8)


def test_what_changes_the_bytes_makes_another_cache(
    tmp_path: Path, cache: Path, decodings: list[Path]
) -> None:
    root = class_folders(tmp_path / "photos")
    read_folder(root)
    for change in ({"size": 4}, {"size": 4, "fit": "stretch"}, {"channels": 1}):
        read_folder(root, **change)
    assert len(list(cache.glob("*.npy"))) == 4
    os.utime(root / "cat" / "0.png", ns=(1, 1))
    read_folder(root)
    assert len(list(cache.glob("*.npy"))) == 4  # the same content at another time
    save(root / "cat" / "0.png", pixels(seed=77))
    read_folder(root)
    save(root / "cat" / "more.png", pixels())
    read_folder(root)
    assert len(list(cache.glob("*.npy"))) == 6


def bitmaps(root: Path, seed: int) -> Path:
    """Images of the same names, sizes and times, whatever the seed."""
    for c, name in enumerate("ab"):
        for i in range(4):
            file = save(root / name / f"{i}.bmp", pixels(seed=seed + 10 * c + i))
            os.utime(file, (1_700_000_000, 1_700_000_000))
    return root


def test_other_pixels_of_the_same_names_sizes_and_times_are_noticed(tmp_path: Path, cache: Path) -> None:
    first = read_folder(bitmaps(tmp_path / "v1", 0))
    fingerprints = [first.fingerprint(), read_folder(bitmaps(tmp_path / "v1", 100)).fingerprint()]
    fingerprints.append(read_folder(bitmaps(tmp_path / "v2", 200)).fingerprint())
    assert len(set(fingerprints)) == 3
    again = read_folder(bitmaps(tmp_path / "v3", 0))  # the same content elsewhere
    assert again.fingerprint() == fingerprints[0] and len(list(cache.glob("*.npy"))) == 3


def test_swapped_classes_are_noticed(tmp_path: Path, cache: Path) -> None:
    root = bitmaps(tmp_path / "photos", 0)
    before = read_folder(root)
    (root / "a").rename(root / "c"), (root / "b").rename(root / "a"), (root / "c").rename(root / "b")
    after = read_folder(root)
    assert before.fingerprint() != after.fingerprint()
    np.testing.assert_array_equal(after.train[0][:4], before.train[0][4:])


def test_contents_are_read_again_only_if_a_file_changed(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = bitmaps(tmp_path / "photos", 0)
    opened: list[str] = []
    real = file_digests.hashlib.file_digest
    monkeypatch.setattr(
        file_digests.hashlib, "file_digest", lambda f, kind: (opened.append(f.name), real(f, kind))[1]
    )
    monkeypatch.setattr(file_digests, "_JUST_NOW", -(10**12))  # as if the files were old
    images = lambda: len([name for name in opened if str(name).endswith(".bmp")])  # noqa: E731
    read_folder(root)
    assert images() == 8
    opened.clear()
    read_folder(root)
    assert images() == 0
    os.utime(save(root / "a" / "0.bmp", pixels(seed=9)), (1_700_000_000, 1_700_000_000))
    read_folder(root)
    assert images() == 1


def test_a_file_that_changed_just_now_is_not_trusted(tmp_path: Path) -> None:
    file, index = tmp_path / "x", tmp_path / "index.digests"
    file.write_bytes(b"one")
    first = file_digests.file_digests([file], index)
    assert not index.exists() and first == file_digests.file_digests([file], index)


def test_a_damaged_index_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_digests, "_JUST_NOW", -(10**12))
    files = [tmp_path / name for name in "abc"]
    for file in files:
        file.write_bytes(file.name.encode())
    index = tmp_path / "index.digests"
    right = file_digests.file_digests(files, index)
    whole = index.read_bytes()
    for damage in (b"", whole[:-1], whole[:64], bytes([whole[0], whole[1], whole[40] ^ 1]) + whole[3:]):
        index.write_bytes(damage)
        assert file_digests.file_digests(files, index) == right
        assert index.read_bytes() == whole


def test_a_damaged_cache_is_made_anew(tmp_path: Path, cache: Path, decodings: list[Path]) -> None:
    root = class_folders(tmp_path / "photos")
    fingerprint = read_folder(root).fingerprint()
    for number, file in enumerate(sorted([*cache.glob("*.json"), *cache.glob("*.npy")])):
        whole = file.read_bytes()
        damages = [
            whole[:-1],
            b"",
            whole + b"x",
            bytes([*whole[:200], whole[200] ^ 1, *whole[201:]]) if len(whole) > 201 else b"{}",
        ]
        for i, damage in enumerate(damages):
            file.unlink()
            file.write_bytes(damage)
            before = len(decodings)
            assert read_folder(root).fingerprint() == fingerprint
            assert len(decodings) == before + 8, (number, i)
            assert file.read_bytes() == whole
    next(cache.glob("*.npy")).unlink()
    assert read_folder(root).fingerprint() == fingerprint


def test_a_folder_that_cannot_be_written(tmp_path: Path, cache: Path) -> None:
    cache.write_bytes(b"a file where the folder should be")
    with pytest.raises(StorageError) as caught:
        read_folder(class_folders(tmp_path / "photos"))
    assert str(caught.value) == (
        f"path: the decoded images cannot be written to {cache} (File exists); expected a folder "
        "that can be written; "
        "free space there, or set DNNLAB_CACHE to a folder that can be written"
    )


def test_a_disk_that_fills_up_leaves_nothing_behind(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = class_folders(tmp_path / "photos")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left on device"):
            read_folder(root)
    assert list(cache.iterdir()) == []
    assert len(read_folder(root).train[0]) == 8


def test_the_default_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DNNLAB_CACHE", raising=False)
    monkeypatch.setenv("HOME", "/home/somebody")
    for given, folder in {
        "": "/home/somebody/.cache",
        "relative": "/home/somebody/.cache",
        "/scratch/me": "/scratch/me",
    }.items():
        monkeypatch.setenv("XDG_CACHE_HOME", given)
        assert cache_folder() == Path(folder, "dnnlab")
    monkeypatch.setenv("DNNLAB_CACHE", "~/own")
    assert cache_folder() == Path("/home/somebody/own")
