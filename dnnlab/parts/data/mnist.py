"""MNIST from its four IDX files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import DataError, Problem
from ...registry import part

if TYPE_CHECKING:
    from ...nn.raw import Pair, Raw

_STEMS = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
_IMAGES, _LABELS = 0x803, 0x801


@part("data", source="LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition")
def mnist(folder: Path, *, root: str | None = None) -> Raw:
    """70,000 handwritten digits as 1x28x28 images of bytes; 10 even classes; its own test part of 10,000.

    root: folder that holds the four files (relative to the file that names it), or none: `$DNNLAB_DATA/mnist`, then `data/mnist`
    beside the config file. Files: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte,
    each with or without .gz. Raises `DataError` for missing or damaged files.
    """
    from ...nn.raw import Raw

    train_x, train_y, test_x, test_y = _files("mnist", _folders("mnist", folder, root))
    names = tuple(str(i) for i in range(10))
    return Raw(_read(train_x, train_y), test=_read(test_x, test_y), class_names=names)


def _folders(name: str, folder: Path, root: str | None) -> list[Path]:
    """Where to look, in this order."""
    if root is not None:
        return [folder / Path(root).expanduser()]
    shared = os.environ.get("DNNLAB_DATA")
    return [*([Path(shared).expanduser() / name] if shared else []), folder / "data" / name]


def _files(name: str, folders: list[Path]) -> list[Path]:
    """The four files in the first folder that has all of them. Raises `DataError` with what is missing where."""
    missing: dict[Path, list[str]] = {}
    for folder in folders:
        found = [_find(folder, stem) for stem in _STEMS]
        if all(found):
            return [path for path in found if path is not None]
        missing[folder] = [f"{stem}-ubyte.gz" for stem, path in zip(_STEMS, found, strict=True) if path is None]
    looked = "; ".join(f"{folder}: no {', no '.join(files) if folder.is_dir() else 'such folder'}" for folder, files in missing.items())
    needed = ", ".join(f"{stem}-ubyte.gz" for stem in _STEMS)
    fix = f"put them into {folders[-1]}, or set data.root to the folder that holds them, or DNNLAB_DATA to the folder above {name}/"
    expected = f"expected {needed} (or without .gz) in one folder"
    raise DataError(Problem(f"the files of {name} were not found (looked in {looked})", expected, fix, path="root", code="missing_files"))


def _find(folder: Path, stem: str) -> Path | None:
    # Unpacked files come first, since they are read faster. Some mirrors write a dot where the original has a dash.
    names = (f"{written}-ubyte{end}" for end in ("", ".gz") for written in (stem, stem.replace("-idx", ".idx")))
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _read(images: Path, labels: Path) -> Pair:
    import numpy as np

    from ...nn.idx import read_idx

    x, y = read_idx(images, _IMAGES), read_idx(labels, _LABELS)
    if x.shape[1:] != (28, 28):
        raise DataError(Problem(f"{images}: images of {x.shape[1]}x{x.shape[2]}", "expected 28x28", path="root", code="data_shape"))
    if len(x) != len(y):
        text = f"{images} holds {len(x):,} images and {labels} {len(y):,} labels"
        raise DataError(Problem(text, "expected one label an image", "get both files again", path="root", code="data_shape"))
    if len(y) and y.max() > 9:
        raise DataError(Problem(f"{labels}: a label of {y.max()}", "expected 0 to 9", path="root", code="data_range"))
    return x[:, None], y.astype(np.int64)
