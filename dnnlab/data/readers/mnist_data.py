"""MNIST and the sets in its form: four IDX files of 28x28 grey images and their labels from 0 to 9."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...errors import DataError, Problem
from ..raw import Pair, RawDataset
from .download import Remote
from .idx import read_idx
from .well_known import named_files

_STEMS = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
_IMAGES, _LABELS = 0x803, 0x801
# Where each set is published, and the md5 of its four files, in the order of _STEMS.
SOURCES: dict[str, tuple[str, tuple[str, str, str, str]]] = {
    "mnist": (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        (
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
    ),
    "fashion_mnist": (
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        (
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
    ),
    "kmnist": (
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        (
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
    ),
}


def mnist_like(name: str, folder: Path, root: str | None, names: Sequence[str]) -> RawDataset:
    """One of `SOURCES`, its files found or downloaded. Raises `DataError` for missing or damaged files."""
    base, sums = SOURCES[name]
    remotes = [Remote(f"{base}{stem}-ubyte.gz", md5) for stem, md5 in zip(_STEMS, sums, strict=True)]
    needed = f"{', '.join(f'{stem}-ubyte.gz' for stem in _STEMS)} (or without .gz)"
    train_x, train_y, test_x, test_y = named_files(name, folder, root, _look, needed, remotes)
    return RawDataset(_read(train_x, train_y), test=_read(test_x, test_y), class_names=tuple(names))


def _look(folder: Path) -> tuple[Path, ...] | list[str]:
    """The four files of a folder, or the names of those that are missing."""
    found = [_find(folder, stem) for stem in _STEMS]
    missing = [f"{stem}-ubyte.gz" for stem, path in zip(_STEMS, found, strict=True) if path is None]
    return missing or tuple(path for path in found if path is not None)


def _find(folder: Path, stem: str) -> Path | None:
    # Unpacked files come first, since they can be mapped. Some mirrors write a dot where the original has a
    # dash.
    names = (
        f"{written}-ubyte{end}" for end in ("", ".gz") for written in (stem, stem.replace("-idx", ".idx"))
    )
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _read(images: Path, labels: Path) -> Pair:
    x, y = read_idx(images, _IMAGES), read_idx(labels, _LABELS)
    if x.shape[1:] != (28, 28):
        raise DataError(
            Problem(
                f"{images}: images of {x.shape[1]}x{x.shape[2]}",
                "expected 28x28",
                path="root",
                code="data_shape",
            )
        )
    if len(x) != len(y):
        text = f"{images} holds {len(x):,} images and {labels} {len(y):,} labels"
        raise DataError(
            Problem(
                text, "expected one label an image", "get both files again", path="root", code="data_shape"
            )
        )
    if len(y) and y.max() > 9:
        raise DataError(
            Problem(f"{labels}: a label of {y.max()}", "expected 0 to 9", path="root", code="data_range")
        )
    return x[:, None], y.astype(np.int64)
