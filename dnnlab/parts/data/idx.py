"""Any data set in IDX files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ...registry import part

if TYPE_CHECKING:
    from ...data.raw import RawDataset


@part(
    "data",
    source="LeCun, Cortes & Burges, The MNIST database, section file formats",
    example={"x": "images.idx", "y": "labels.idx"},
    files=("x", "y", "test_x", "test_y"),
)
def idx(
    folder: Path,
    *,
    x: str,
    y: str,
    test_x: str | None = None,
    test_y: str | None = None,
    task: Literal["auto", "classes", "numbers"] = "auto",
    channels: Literal["auto", "first", "last"] = "auto",
) -> RawDataset:
    """Inputs and targets from IDX files, gzip-compressed or not.

    Paths are relative to the file that names them, else to $DNNLAB_DATA.

    x: inputs (rows, features), (rows, height, width) for images of one channel, or (rows, channels,
    height, width). y: targets: (rows,) whole numbers for classes, numbered in sorted order; floats for
    real targets; a matrix of 0 and 1 for several labels. test_x, test_y: the same for the set's own test
    part; both or none. task: floats are numbers, but only 0.0 and 1.0 two classes; the others choose.
    channels: where images have them; auto: last if the last axis alone can be 1, 3 or 4 channels. Raises
    `DataError` for what cannot be read.
    """
    from ...data.readers.arrays import read_files
    from ...data.readers.idx import read_idx

    paths = {"x": x, "y": y, "test_x": test_x, "test_y": test_y}
    return read_files(folder, paths, lambda path, _: read_idx(path), task, channels)
