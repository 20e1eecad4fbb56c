"""`data: image_folder`: layouts, classes, sizes, and what is said of files that cannot be used."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers.images import class_folders, pixels, read_folder, save

from dnnlab.data.new_inputs.images import read_images
from dnnlab.data.prepare.pipeline import prepare
from dnnlab.errors import ConfigError, DataError
from dnnlab.registry import bind

CIFAR = Path(os.environ.get("DNNLAB_DATA", "/nowhere")) / "cifar10-small"


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path / "cache"))
    yield
    assert not list(tmp_path.glob("cache/*.tmp"))


def problems(root: Path, **keys: object) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_folder(root, **keys)
    return str(caught.value).splitlines()


def test_one_tree_of_class_folders(tmp_path: Path) -> None:
    raw = read_folder(class_folders(tmp_path / "photos", ("dog", "cat", "Bird")))
    assert (
        raw.class_names == ("Bird", "cat", "dog")
        and raw.train[0].shape == (12, 3, 6, 8)
        and raw.train[0].dtype == np.uint8
    )
    assert raw.train[1].tolist() == [0] * 4 + [1] * 4 + [2] * 4 and raw.parts().keys() == {"train"}
    np.testing.assert_array_equal(raw.train[0][8], pixels(seed=0).transpose(2, 0, 1))
    assert isinstance(raw.train[0].base, np.memmap) or isinstance(raw.train[0], np.memmap)
    assert raw.encoding == {"reader": "image_folder", "size": [6, 8], "channels": 3, "fit": "crop"}


@pytest.mark.parametrize("validation", ["validation", "val", "valid"])
def test_sub_folders_for_the_parts(tmp_path: Path, validation: str) -> None:
    root = tmp_path / "photos"
    for part, count in (("train", 5), (validation, 2), ("test", 3)):
        class_folders(root / part, count=count)
    (root / "test" / "dog" / "2.png").unlink()
    raw = read_folder(root)
    assert {part: y.tolist() for part, (_, y) in raw.parts().items()} == {
        "train": [0] * 5 + [1] * 5,
        "validation": [0, 0, 1, 1],
        "test": [0, 0, 0, 1, 1],
    }
    bound = bind("data", {"name": "image_folder", "path": "photos"})
    assert {part: len(p.inputs) for part, p in prepare(raw, bound).parts().items()} == {
        "train": 10,
        "validation": 4,
        "test": 5,
    }


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    assert read_folder(class_folders(tmp_path / "vehicles", ("bus", "train"))).class_names == ("bus", "train")


def test_images_may_lie_deeper_and_hidden_files_do_not_count(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "photos")
    save(root / "cat" / "more" / "9.png", pixels())
    save(root / "cat" / ".hidden.png", pixels())
    save(root / ".trash" / "x.png", pixels())
    (root / "dog" / "Thumbs.db").write_bytes(b"x")
    (root / "dog" / "readme").write_bytes(b"x")
    raw = read_folder(root)
    assert (
        len(raw.train[0]) == 9
        and raw.class_names == ("cat", "dog")
        and raw.note == "2 files are no images (.db, no suffix)"
    )


def test_channels(tmp_path: Path) -> None:
    grey = class_folders(tmp_path / "grey", channels=1)
    assert read_folder(grey).train[0].shape[1] == 1 and read_folder(grey, channels=3).train[0].shape[1] == 3
    save(grey / "cat" / "9.png", pixels())
    assert read_folder(grey).train[0].shape[1] == 3 and read_folder(grey, channels=1).train[0].shape[1] == 1


def test_sizes_that_differ_are_counted_and_the_line_to_add_works(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "photos", height=6, width=6)
    save(root / "cat" / "9.png", pixels(5, 9))
    assert problems(root) == [
        f"size: the images of {root} have 2 sizes, width x height (images): 6x6 (8), 9x5 (1); "
        "expected one size; "
        "add `size: 6` (and `fit: crop`, pad or stretch)"
    ]
    assert read_folder(root, size=6).train[0].shape == (9, 3, 6, 6)
    assert read_folder(root, size=[4, 10], fit="pad").train[0].shape == (9, 3, 4, 10)


def test_a_fit_without_a_size_to_reach(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_folder(tmp_path, fit="pad")
    assert str(caught.value) == (
        "fit: fit: pad says how another size is reached, and no size is written; expected a size; "
        "add size: 64, or remove fit"
    )


def test_images_that_cannot_be_read_are_named_or_skipped(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "photos")
    (root / "cat" / "0.png").write_bytes(b"")
    whole = (root / "dog" / "1.png").read_bytes()
    (root / "dog" / "1.png").write_bytes(whole[: len(whole) // 2])
    (root / "dog" / "3.png").write_bytes(b"no image at all")
    found = problems(root)
    assert found[0] == "path: cat/0.png cannot be read: it is empty (0 bytes); expected an image"
    assert found[1].startswith("path: dog/1.png cannot be read: ") and "truncated" in found[1]
    assert found[2] == "path: dog/3.png cannot be read: it is no image that Pillow knows; expected an image"
    assert found[3] == (
        f"path: 3 images of {root} cannot be read; expected whole images; remove them, or add `on_bad: skip`"
    )
    for _ in range(2):  # decoded, then from the cache
        raw = read_folder(root, on_bad="skip")
        assert raw.train[1].tolist() == [0, 0, 0, 1, 1]
        assert raw.note == "3 images cannot be read and left out (first: cat/0.png: it is empty (0 bytes))"
        np.testing.assert_array_equal(raw.train[0][3], pixels(seed=100).transpose(2, 0, 1))
        np.testing.assert_array_equal(raw.train[0][4], pixels(seed=102).transpose(2, 0, 1))


def test_only_bad_images(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    for name in ("a", "b"):
        (root / name).mkdir(parents=True)
        (root / name / "x.jpg").write_bytes(b"")
    assert problems(root, on_bad="skip") == [
        f"path: {root}: none of the 2 images can be read; expected images"
    ]


def test_folders_that_hold_no_classes(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "photos", ("cat",))
    assert problems(root) == [
        (
            f"path: {root} has one class folder (cat); expected two or more; put the images of each "
            "class into a folder of its own"
        )
    ]
    (tmp_path / "flat").mkdir()
    assert "has no class folders; expected two or more" in problems(tmp_path / "flat")[0]
    (root / "dog").mkdir()
    assert problems(root)[0].startswith(
        f"path: {root}: no images of dog; expected files that end in .bmp .gif .jpeg"
    )
    (tmp_path / "file").write_bytes(b"x")
    assert problems(tmp_path / "file") == [
        f"path: {tmp_path}/file is a file; expected a folder with one sub-folder for each class"
    ]


def test_classes_that_only_a_later_part_has(tmp_path: Path) -> None:
    class_folders(tmp_path / "photos" / "train")
    class_folders(tmp_path / "photos" / "test", ("cat", "dgo"))
    assert problems(tmp_path / "photos") == [
        f"path: {tmp_path}/photos/test has the class dgo, which the training part has not; expected "
        "some of cat, dog; "
        "correct the folder's name"
    ]
    class_folders(tmp_path / "photos" / "val"), class_folders(tmp_path / "photos" / "validation")
    assert problems(tmp_path / "photos") == [
        f"path: {tmp_path}/photos has val/ as well as validation/ for the validation part; "
        "expected one of validation, validate, val, valid, dev; rename or remove the others"
    ]


PARTS = [("train", "test"), ("Train", "Test"), ("TRAIN", "VAL"), ("training", "testing"), ("train", "dev"),
         ("Training", "Valid", "Test"), ("train", "validate", "test"), ("train",)]  # fmt: skip


@pytest.mark.parametrize("names", PARTS, ids=str)
def test_names_of_parts_in_any_capitals(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        class_folders(tmp_path / "photos" / name, count=2)
    raw = read_folder(tmp_path / "photos")
    known = {"v": "validation", "d": "validation", "te": "test", "tr": "train"}
    expected = {
        next(part for start, part in known.items() if name.lower().startswith(start)) for name in names
    }
    assert raw.class_names == ("cat", "dog") and raw.parts().keys() == expected and raw.note == ""


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("val", "test"), "has test/, val/, but no training part; expected train/"),
        (("Train", "training"), "has Train/ as well as training/ for the train part"),
        (
            ("train", "test", "extra"),
            "has the parts test/, train/ and beside them extra/; expected only parts",
        ),
        (("Trian", "Test"), "has the parts Test/ and beside them Trian/; expected only parts"),
    ],
)
def test_folders_that_are_not_understood_are_refused(
    tmp_path: Path, names: tuple[str, ...], words: str
) -> None:
    for name in names:
        class_folders(tmp_path / "photos" / name, count=2)
    assert words in problems(tmp_path / "photos")[0]


@pytest.mark.parametrize("names", [("Train", "Test"), ("train", "val"), ("train", "test", "bus")])
def test_parts_without_class_folders_are_no_classes(tmp_path: Path, names: tuple[str, ...]) -> None:
    class_folders(tmp_path / "photos", names)
    assert "which hold no class folders; expected a folder for each class" in problems(tmp_path / "photos")[0]


def test_what_lies_beside_the_class_folders_is_noted(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "photos")
    save(root / "cover.png", pixels())
    (root / "labels.csv").write_text("x")
    assert (
        read_folder(root).note
        == "1 image lies in no class folder and is left out; 1 file is no images (.csv)"
    )
    for part in ("train", "test"):
        class_folders(tmp_path / "parted" / part)
        save(tmp_path / "parted" / part / "loose.png", pixels())
    assert read_folder(tmp_path / "parted").note == "2 images lie in no class folder and are left out"


def test_links_inside_classes_are_followed_once(tmp_path: Path) -> None:
    root, more = class_folders(tmp_path / "photos"), tmp_path / "elsewhere"
    for i in range(3):
        save(more / f"more{i}.png", pixels(seed=i))
    (root / "dog" / "more").symlink_to(more)
    raw = read_folder(root)
    assert raw.train[1].tolist() == [0] * 4 + [1] * 7 and raw.note == ""
    (root / "dog" / "again").symlink_to(root / "dog")
    assert read_folder(root).note == "dog/again links to a folder that is read already: read once"
    assert len(read_folder(root).train[0]) == 11


@pytest.mark.skipif(not CIFAR.is_dir(), reason="set DNNLAB_DATA to the folder above cifar10-small")
def test_real_photographs() -> None:
    raw = read_folder(CIFAR)
    assert (
        raw.train[0].shape == (5000, 3, 32, 32)
        and raw.test is not None
        and raw.test[0].shape == (1000, 3, 32, 32)
    )
    assert (
        raw.class_names[:3] == ("airplane", "automobile", "bird")
        and np.bincount(raw.train[1]).tolist() == [500] * 10
    )


def test_floats_are_read_by_the_values_that_are_black_and_white(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    images = draw.random((2, 4, 6, 8)).astype(np.float32)
    for c, name in enumerate("ab"):
        for i in range(4):
            save(tmp_path / "set" / name / f"{i}.tif", images[c, i])
    with pytest.raises(DataError, match=r"its pixels are floats .* add `values: \[BLACK, WHITE\]`"):
        read_folder(tmp_path / "set")
    with pytest.raises(ConfigError, match="values: black is 1 and white 0; expected a larger white"):
        read_folder(tmp_path / "set", values=[1, 0])
    raw = read_folder(tmp_path / "set", values=[0, 1])
    expected = np.rint(images.reshape(8, 1, 6, 8).astype(np.float64) * 255).astype(np.uint8)
    np.testing.assert_array_equal(raw.train[0], expected)
    assert raw.encoding["values"] == [0, 1]
    described = {"in_shape": [1, 6, 8], "target": "index", "names": ["a", "b"]}
    found, classes = read_images({**described, "inputs": {**raw.encoding, "type": "uint8"}}, tmp_path / "set")
    np.testing.assert_array_equal(found, expected)
    assert classes is not None and classes.tolist() == [0] * 4 + [1] * 4
