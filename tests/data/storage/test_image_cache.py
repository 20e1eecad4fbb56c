"""The cache of decoded images: made once, memory-mapped, checked, and made anew where it is not whole."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from helpers.images import class_folders, pixels, read_folder, save

from dnnlab.data.storage import image_cache
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
    save(root / "cat" / "more.png", pixels())
    read_folder(root)
    assert len(list(cache.glob("*.npy"))) == 6


def test_a_damaged_cache_is_made_anew(tmp_path: Path, cache: Path, decodings: list[Path]) -> None:
    root = class_folders(tmp_path / "photos")
    fingerprint = read_folder(root).fingerprint()
    for number, file in enumerate(sorted(cache.iterdir())):
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
        f"path: the decoded images cannot be written to {cache} (File exists); expected a folder that can be written; "
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
