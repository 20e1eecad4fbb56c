"""The data sets by their known facts, and the files of MNIST: found, missing, damaged."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from helpers.idx_files import NAMES, cifar_archive, cifar_batches, idx_file, small_mnist

from dnnlab import registry
from dnnlab.data.raw import RawDataset
from dnnlab.errors import ConfigError, DataError


def load(name: str, folder: Path = Path(), **keys: object) -> RawDataset:
    return registry.build("data", {"name": name, **keys}, folder)


@pytest.mark.parametrize(
    ("name", "shape", "classes", "features"),
    [
        ("digits", (1797, 1, 8, 8), 10, 0),
        ("iris", (150, 4), 3, 4),
        ("wine", (178, 13), 3, 13),
        ("breast_cancer", (569, 30), 2, 30),
    ],
)
def test_sizes(name: str, shape: tuple[int, ...], classes: int, features: int) -> None:
    raw = load(name)
    assert (
        raw.train[0].shape == shape and len(raw.class_names) == classes and len(raw.feature_names) == features
    )


def test_digits_keep_their_grey_values_and_diabetes_its_units() -> None:
    images = load("digits").train[0]
    assert (images.min(), images.max()) == (0, 16)
    diabetes = load("diabetes")
    assert diabetes.train[1].shape == (442, 1) and (diabetes.train[1].min(), diabetes.train[1].max()) == (
        25,
        346,
    )
    assert diabetes.train[0][:, 0].min() == 19  # years, not a centred number


def test_moons_depend_on_their_keys_alone() -> None:
    assert (
        load("moons", seed=1).fingerprint()
        == load("moons", seed=1).fingerprint()
        != load("moons", seed=2).fingerprint()
    )
    clean = load("moons", samples=100, noise=0).train
    distance = np.hypot(*(clean[0] - np.where(clean[1][:, None] == 0, [0, 0], [1, 0.5])).T)
    np.testing.assert_allclose(distance, 1)
    assert np.bincount(clean[1]).tolist() == [50, 50]


@pytest.mark.parametrize(
    ("keys", "text"),
    [({"samples": 1}, ">= 2"), ({"noise": -1}, ">= 0"), ({"seed": 2**32}, "<= 4.29497e\\+09")],
)
def test_moons_refuses_impossible_keys(keys: dict, text: str) -> None:
    with pytest.raises(ConfigError, match=f"received .*expected a number {text}"):
        load("moons", **keys)


@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize("place", ["given", "shared", "beside", "dotted"])
def test_mnist_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, end: str) -> None:
    monkeypatch.delenv("DNNLAB_DATA", raising=False)
    keys = {}
    if place == "given":
        small_mnist(tmp_path / "my" / "files", end)
        keys = {"root": "my/files"}
    elif place == "shared":
        small_mnist(tmp_path / "shared" / "mnist", end)
        monkeypatch.setenv("DNNLAB_DATA", str(tmp_path / "shared"))
    else:
        small_mnist(tmp_path / "data" / "mnist", end)
    if place == "dotted":
        for file in (tmp_path / "data" / "mnist").iterdir():
            file.rename(file.with_name(file.name.replace("-idx", ".idx")))
    raw = load("mnist", tmp_path, **keys)
    assert (
        raw.train[0].shape == (20, 1, 28, 28)
        and raw.train[0].dtype == np.uint8
        and raw.train[1].tolist() == [*range(10), *range(10)]
    )
    assert (
        raw.test is not None
        and raw.test[0].shape == (10, 1, 28, 28)
        and raw.class_names == tuple("0123456789")
    )


def test_missing_mnist_says_which_files_where_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DNNLAB_DATA", str(tmp_path / "shared"))
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path / "cache"))
    small_mnist(tmp_path / "data" / "mnist")
    (tmp_path / "data" / "mnist" / f"{NAMES[3]}.gz").unlink()
    with pytest.raises(DataError) as caught:
        load("mnist", tmp_path)
    assert str(caught.value).replace(str(tmp_path), "HERE") == (
        "root: the files of mnist were not found (looked in HERE/shared/mnist: no such folder; "
        "HERE/data/mnist: no t10k-labels-idx1-ubyte.gz; HERE/cache/mnist: no such folder) and not "
        "downloaded: DNNLAB_OFFLINE is set; "
        "expected train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, "
        "t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz "
        "(or without .gz) in one folder; put them into HERE/data/mnist, "
        "or set data.root to the folder that holds them, or DNNLAB_DATA to the folder above mnist/"
    )
    with pytest.raises(DataError, match=r"\(looked in .*/nowhere: no such folder\)"):
        load("mnist", tmp_path, root="nowhere")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"labels": 19},
            (
                "images-idx3-ubyte.gz holds 20 images and .*labels-idx1-ubyte.gz 19 labels; expected "
                "one label an image"
            ),
        ),
        ({"size": 27}, "train-images-idx3-ubyte.gz: images of 27x27; expected 28x28"),
        ({"top": 10}, "train-labels-idx1-ubyte.gz: a label of 10; expected 0 to 9"),
    ],
)
def test_files_that_do_not_fit_together(tmp_path: Path, change: dict, text: str) -> None:
    small_mnist(tmp_path, **change)
    with pytest.raises(DataError, match=text):
        load("mnist", tmp_path, root=".")


def test_swapped_and_cut_files_are_named(tmp_path: Path) -> None:
    small_mnist(tmp_path, end="")
    (tmp_path / NAMES[0]).write_bytes((tmp_path / NAMES[1]).read_bytes())
    with pytest.raises(
        DataError, match=r"train-images-idx3-ubyte: magic number 0x00000801 .*; expected 0x00000803"
    ):
        load("mnist", tmp_path, root=".")
    small_mnist(tmp_path, end="")
    (tmp_path / NAMES[2]).write_bytes((tmp_path / NAMES[2]).read_bytes()[:-1])
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte: truncated: 7,855 bytes; expected 7,856"):
        load("mnist", tmp_path, root=".")


@pytest.mark.skipif(
    not os.environ.get("DNNLAB_DATA"), reason="the files of MNIST are missing; set DNNLAB_DATA"
)
def test_the_real_mnist_is_read_fast() -> None:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        raw = load("mnist")
        times.append(time.perf_counter() - start)
    assert raw.test is not None and (len(raw.train[0]), len(raw.test[0])) == (60000, 10000)
    assert raw.train[1][:5].tolist() == [5, 0, 4, 1, 9]
    assert min(times) < 0.6


def test_idx_reads_images_tables_and_a_test_part(tmp_path: Path) -> None:
    idx_file(tmp_path / "x", np.arange(24, dtype=np.uint8).reshape(6, 2, 2))
    idx_file(tmp_path / "y.gz", np.array([5, 7, 5, 7, 5, 9], np.uint8))
    idx_file(tmp_path / "tx", np.zeros((2, 2, 2), np.uint8))
    idx_file(tmp_path / "ty", np.array([9, 5], np.uint8))
    raw = load("idx", tmp_path, x="x", y="y.gz", test_x="tx", test_y="ty")
    assert (
        raw.train[0].shape == (6, 1, 2, 2)
        and raw.train[1].tolist() == [0, 1, 0, 1, 0, 2]
        and raw.class_names == ("5", "7", "9")
    )
    assert raw.test is not None and raw.test[1].tolist() == [2, 0]


def test_idx_says_what_is_wrong(tmp_path: Path) -> None:
    idx_file(tmp_path / "x", np.zeros((6, 2), np.uint8))
    idx_file(tmp_path / "y", np.array([0, 1, 0], np.uint8))
    with pytest.raises(DataError, match="X has 6 rows and y has 3"):
        load("idx", tmp_path, x="x", y="y")
    with pytest.raises(ConfigError) as caught:
        load("idx", tmp_path, x="x", y="y", test_x="x")
    assert str(caught.value) == "test_y: test_x without test_y; expected both or none; add test_y: PATH"
    with pytest.raises(ConfigError, match=r"data\.x: a key is missing"):
        load("idx", tmp_path, y="y")
    with pytest.raises(
        DataError, match=r"none\.idx: no such file or folder|none\.idx and .*: no such file or folder"
    ):
        load("idx", tmp_path, x="none.idx", y="y")


@pytest.mark.parametrize("form", ["batches", "inside", "archive"])
def test_cifar_is_read_from_its_batches(tmp_path: Path, form: str) -> None:
    if form == "archive":
        cifar_archive(tmp_path / "cifar-10-binary.tar.gz")
    else:
        cifar_batches(tmp_path / ("cifar-10-batches-bin" if form == "inside" else ""))
    raw = load("cifar10", tmp_path, root=".")
    assert raw.class_names[:3] == ("airplane", "automobile", "bird") and raw.test is not None
    assert raw.train[0].shape == (20, 3, 32, 32) and raw.train[0].dtype == np.uint8
    assert raw.train[1].tolist() == [n % 10 for n in range(20)] and raw.test[1].tolist() == [0, 1, 2, 3]
    # Of image n every red pixel is n, every green one 100 + n, and every blue one 200 + n, plus the row's
    # number.
    assert raw.train[0][7, :, 5, 9].tolist() == [12, 112, 212] and raw.test[0][2, :, 0, 0].tolist() == [
        22,
        122,
        222,
    ]


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (
            lambda whole: whole[:-1],
            "data_batch_3.bin: 12,291 bytes; expected records of 3,073 bytes each; get the file again",
        ),
        (lambda whole: bytes([11]) + whole[1:], "a label of 11; expected 0 to 9"),
        (None, "no data_batch_3.bin"),
    ],
)
def test_damaged_batches_are_named(tmp_path: Path, damage: object, text: str) -> None:
    cifar_batches(tmp_path)
    path = tmp_path / "data_batch_3.bin"
    whole = path.read_bytes()
    path.unlink()
    if damage is not None:
        path.write_bytes(damage(whole))  # type: ignore[operator]
    with pytest.raises(DataError) as caught:
        load("cifar10", tmp_path, root=".")
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("left_out", "cut", "text"),
    [("data_batch_2.bin", None, "(it holds no data_batch_2.bin)"), ("", 300, "cannot be unpacked (")],
)
def test_a_damaged_archive_of_cifar(tmp_path: Path, left_out: str, cut: int | None, text: str) -> None:
    path = cifar_archive(tmp_path / "cifar-10-binary.tar.gz", left_out)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError) as caught:
        load("cifar10", tmp_path, root=".")
    assert text in str(caught.value) and "expected the binary version of CIFAR-10; get the file again" in str(
        caught.value
    )


@pytest.mark.parametrize("name", ["fashion_mnist", "kmnist"])
def test_sets_in_the_form_of_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("DNNLAB_DATA", str(tmp_path))
    small_mnist(tmp_path / name)
    raw = load(name, tmp_path / "elsewhere")
    assert raw.train[0].shape == (20, 1, 28, 28) and len(set(raw.class_names)) == 10 and raw.test is not None
