"""New images for a trained net, in the form of the run's own images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DataError, Problem
from ..raw import Array
from ..readers.image_decode import BadImageError, Form, decode, quiet
from ..readers.image_files import images_below

_SHOWN = 5


def image_paths(path: Path) -> list[Path]:
    """The images of a source in the order of the rows: the file itself, or all below the folder, sorted."""
    return images_below(path) if path.is_dir() else [path]


def read_images(described: Mapping[str, Any], path: Path) -> tuple[Array, Array | None]:
    """(n, channels, height, width) bytes of one image or of all below a folder.

    Beside them class numbers, if the folders are named like the classes of the run.

    Raises `DataError` for runs that were not trained on images of bytes, no images, and images that cannot be
    read.
    """
    form = _form(described)
    files = image_paths(path)
    if not files:
        raise DataError(Problem(f"{path} holds no images", "expected at least one", code="too_few_rows"))
    images: list[Array] = []
    problems: list[Problem] = []
    with quiet():
        for file in files:
            try:
                images.append(decode(file, form))
            except BadImageError as error:
                name = file.relative_to(path) if path.is_dir() else file.name
                problems.append(
                    Problem(
                        f"{name} cannot be read: {error}",
                        "expected an image",
                        "remove or mend it",
                        code="bad_images",
                    )
                )
    if problems:
        more = len(problems) - _SHOWN
        rest = (
            [Problem(f"{more:,} more images cannot be read", "expected images", code="bad_images")]
            if more > 0
            else []
        )
        raise DataError(*problems[:_SHOWN], *rest)
    return np.stack(images), _classes(described, path, files)


def _form(described: Mapping[str, Any]) -> Form:
    shape, how = described["in_shape"], described["inputs"]
    if len(shape) != 3 or how["type"] != "uint8" or shape[0] not in (1, 3):
        found = (
            f"{shape[0]} numbers"
            if len(shape) == 1
            else f"{'x'.join(str(n) for n in shape)} images of {how['type']}"
        )
        expected = f"expected rows of {found}, as the run was trained on"
        raise DataError(Problem("images", expected, "pass a CSV or .npz file", code="data_shape"))
    values = how.get("values")
    black_white = None if values is None else (values[0], values[1])
    return Form((shape[1], shape[2]), shape[0], how.get("fit", "crop"), black_white)


def _classes(described: Mapping[str, Any], path: Path, files: Sequence[Path]) -> Array | None:
    if not path.is_dir() or described["target"] != "index":
        return None
    number = {name: i for i, name in enumerate(described["names"])}
    above = [file.relative_to(path).parts[0] if file.parent != path else "" for file in files]
    return (
        np.array([number[name] for name in above], dtype=np.int64)
        if all(name in number for name in above)
        else None
    )
