"""`data: npz`: arrays by name, and never pickle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dnnlab import registry
from dnnlab.data.raw import RawDataset
from dnnlab.data.storage.memory_mapped import backing
from dnnlab.errors import ConfigError, DataError

X, Y = np.arange(24.0).reshape(6, 4), np.array(["b", "a", "b", "a", "b", "a"])


def read(folder: Path, **keys: str) -> RawDataset:
    return registry.build("data", {"name": "npz", "path": "d.npz", **keys}, folder)


def error(folder: Path, **keys: str) -> str:
    with pytest.raises((DataError, ConfigError)) as caught:
        read(folder, **keys)
    return str(caught.value)


def test_arrays_by_their_names_and_a_test_part(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "d.npz", features=X, label=Y, tx=X[:2], ty=Y[:2])
    raw = read(tmp_path, x="features", y="label", test_x="tx", test_y="ty")
    assert raw.class_names == ("a", "b") and raw.train[1].tolist() == [1, 0, 1, 0, 1, 0]
    assert raw.test is not None and raw.test[1].tolist() == [1, 0]
    assert raw.encoding == {"reader": "npz", "x": "features", "y": "label"}


def test_grey_images_get_a_channel(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.zeros((6, 5, 4), np.uint8), y=np.arange(6) / 2)
    raw = read(tmp_path)
    assert raw.train[0].shape == (6, 1, 5, 4) and raw.target == "real"


def test_objects_are_refused_with_the_reason_and_nothing_runs(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=X, y=np.array([{"a": 1}] * 6, dtype=object))
    assert error(tmp_path) == (
        f'y: {tmp_path}/d.npz: the array "y" holds Python objects, which only pickle could read, '
        "and pickle runs code from the file; "
        "expected an array of numbers or texts; save it as numbers or texts: np.savez(path, "
        "x=x.astype(float), y=y.astype(str))"
    )


def test_names_that_are_not_there(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", inputs=X, y=Y)
    assert (
        error(tmp_path, x="input")
        == f'x: {tmp_path}/d.npz holds no array "input"; it holds inputs, y; did you mean inputs?'
    )
    assert (
        error(tmp_path, test_x="y")
        == "test_y: test_x without test_y; expected both or none; add test_y: NAME"
    )


@pytest.mark.parametrize("keep", [0, 1, 5, 40, 200, -30])
def test_damaged_archives(tmp_path: Path, keep: int) -> None:
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    content = (tmp_path / "d.npz").read_bytes()
    (tmp_path / "d.npz").write_bytes(content[:keep])
    assert error(tmp_path).startswith(f"path: {tmp_path}/d.npz cannot be read as .npz (")


def test_a_damaged_array_inside_a_whole_archive(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    content = bytearray((tmp_path / "d.npz").read_bytes())
    content[200] ^= 0xFF
    (tmp_path / "d.npz").write_bytes(bytes(content))
    assert "cannot be read as .npz (Bad CRC-32" in error(tmp_path)


def test_a_single_array_is_no_archive(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", X)
    (tmp_path / "one.npy").rename(tmp_path / "d.npz")
    assert error(tmp_path).startswith(f"path: {tmp_path}/d.npz is no .npz archive (it holds one array)")


@pytest.fixture
def nothing_is_small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Arrays of every size are mapped; the folder of the caches."""
    monkeypatch.setattr("dnnlab.data.readers.npz.SMALL", 0)
    monkeypatch.setattr("dnnlab.data.storage.data_cache.SMALL", 0)
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize(
    "x", [X, X.astype(np.float32).T, np.arange(96, dtype=np.uint8).reshape(6, 4, 4)], ids=["C", "F", "images"]
)
def test_large_arrays_are_mapped(tmp_path: Path, nothing_is_small: Path, x: np.ndarray, save: object) -> None:
    y = np.arange(len(x)) % 2
    save(tmp_path / "d.npz", other=np.zeros(7), x=x, y=y)  # type: ignore[operator]
    found, targets = read(tmp_path).train
    np.testing.assert_array_equal(found, x[:, None] if x.ndim == 3 else x)
    np.testing.assert_array_equal(targets, y)
    assert backing(found) is not None and found.dtype == x.dtype
    assert nothing_is_small.exists() == (save is np.savez_compressed)
    assert read(tmp_path).fingerprint() == read(tmp_path).fingerprint()


def test_mapped_archives_are_checked_as_others(tmp_path: Path, nothing_is_small: Path) -> None:
    test_objects_are_refused_with_the_reason_and_nothing_runs(tmp_path)
    test_a_damaged_array_inside_a_whole_archive(tmp_path)


def read_files(folder: Path, **keys: str) -> RawDataset:
    return registry.build("data", {"name": "npy", "x": "x.npy", "y": "y.npy", **keys}, folder)


@pytest.mark.parametrize("mapped", [False, True])
def test_arrays_in_files_of_their_own(tmp_path: Path, mapped: bool, request: pytest.FixtureRequest) -> None:
    if mapped:
        request.getfixturevalue("nothing_is_small")
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y)
    raw = read_files(tmp_path, test_x="x.npy", test_y="y.npy")
    np.testing.assert_array_equal(raw.train[0], X)
    assert raw.class_names == ("a", "b") and raw.test is not None and raw.test[1].tolist() == [1, 0] * 3
    assert (backing(raw.train[0]) is not None) == mapped


def test_files_that_hold_no_array_of_numbers(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", np.array([{"a": 1}] * 6, dtype=object))
    with pytest.raises(
        DataError, match=r"^y: .*y\.npy cannot be read as \.npy \(Object arrays cannot be loaded"
    ):
        read_files(tmp_path)
    (tmp_path / "y.npy").write_bytes(b"")
    with pytest.raises(DataError, match=r"^y: .*y\.npy cannot be read as \.npy \(No data left in file\)"):
        read_files(tmp_path)
    with (tmp_path / "y.npy").open("wb") as file:
        np.savez(file, a=X)
    with pytest.raises(
        DataError, match=r"^y: .*y\.npy is an archive of arrays; expected one array; use `name: npz`"
    ):
        read_files(tmp_path)
    with pytest.raises(
        ConfigError, match="test_y: test_x without test_y; expected both or none; add test_y: PATH"
    ):
        read_files(tmp_path, test_x="x.npy")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        (
            {"x": X, "y": Y[:5]},
            "y: X has 6 rows and y has 5; expected one target a row; take both from the same rows",
        ),
        (
            {"x": np.zeros((6, 1, 2, 2, 2)), "y": Y},
            "x: X of shape (6, 1, 2, 2, 2); expected (rows, features) or (rows, channels, height, width); "
            "write X.reshape(len(X), -1) for a table",
        ),
        (
            {"x": X, "y": np.zeros((6, 2, 2))},
            "y: y of shape (6, 2, 2); expected (rows,) or (rows, columns); write y.reshape(len(y), -1)",
        ),
        (
            {"x": X, "y": Y, "test_x": X[:2], "test_y": np.array(["b", "c"])},
            "test_y: test y of shape (2,) with c; expected the classes of the training part; leave "
            "such rows out, or let some of them "
            "train",
        ),
        (
            {"x": X, "y": Y, "test_x": X[:2, :3], "test_y": Y[:2]},
            "test_x: test X of shape (2, 3); expected (4,) a row, as in X; give both the same form",
        ),
        (
            {"x": X, "y": Y, "test_x": X[:2], "test_y": Y[:1]},
            "test_y: test X has 2 rows and test y has 1; expected one target a row",
        ),
    ],
)
def test_arrays_that_do_not_belong_together_are_named_by_their_keys(
    arrays: dict[str, np.ndarray], said: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / "d.npz", **arrays)  # type: ignore[arg-type]
    keys = {name: name for name in arrays if name.startswith("test")}
    assert error(tmp_path, **keys).startswith(said)
