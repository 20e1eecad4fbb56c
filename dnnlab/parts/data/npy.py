"""Any data set in two NumPy files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ...registry import part

if TYPE_CHECKING:
    from ...data.raw import RawDataset


@part(
    "data",
    source="NumPy, numpy.save",
    example={"x": "inputs.npy", "y": "targets.npy"},
    files=("x", "y", "test_x", "test_y"),
)
def npy(
    folder: Path,
    *,
    x: str,
    y: str,
    test_x: str | None = None,
    test_y: str | None = None,
    task: Literal["auto", "classes", "numbers"] = "auto",
    channels: Literal["auto", "first", "last"] = "auto",
) -> RawDataset:
    """Inputs and targets from .npy files of any size, memory-mapped.

    Arrays of Python objects are refused, since reading them runs code.

    x: file of the inputs (rows, features) or (rows, channels, height, width), relative to the file that
    names it, else to $DNNLAB_DATA; (rows, height, width) are images of one channel. y: file of the
    targets: whole numbers, texts or booleans (rows,) for classes, floats for numbers, a matrix of 0 and 1
    for labels. test_x, test_y: the same for the set's own test part; both or none. task: floats are
    numbers, but only 0.0 and 1.0 two classes; the others choose. channels: where images have them; auto:
    last (rows, height, width, channels) if the last axis alone can be 1, 3 or 4 channels, which is noted.
    Raises `DataError` for what cannot be read.
    """
    from ...data.readers.arrays import read_files
    from ...data.readers.npz import read_npy

    paths = {"x": x, "y": y, "test_x": test_x, "test_y": test_y}
    return read_files(folder, paths, read_npy, task, channels)
