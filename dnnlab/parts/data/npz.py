"""Any data set in a NumPy archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ...registry import part

if TYPE_CHECKING:
    from ...data.raw import RawDataset


@part("data", source="NumPy, numpy.savez", example={"path": "arrays.npz"}, files=("path",))
def npz(
    folder: Path,
    *,
    path: str,
    x: str = "x",
    y: str = "y",
    test_x: str | None = None,
    test_y: str | None = None,
    task: Literal["auto", "classes", "numbers"] = "auto",
    channels: Literal["auto", "first", "last"] = "auto",
) -> RawDataset:
    """Inputs and targets from the arrays of one .npz file.

    Arrays of Python objects are refused, since reading them runs code.

    path: the file, relative to the file that names it, else to $DNNLAB_DATA. x: name of the inputs (rows,
    features) or (rows, channels, height, width); (rows, height, width) are images of one channel. y: name
    of the targets: whole numbers, texts or booleans (rows,) for classes, floats for numbers, a matrix of
    0 and 1 for labels. test_x, test_y: the same for the set's own test part; both or none. task: floats
    are numbers, but only 0.0 and 1.0 two classes; the others choose. channels: where images have them;
    auto: last (rows, height, width, channels) if the last axis alone can be 1, 3 or 4 channels, which is
    noted. Raises `DataError` for what cannot be read.
    """
    from dataclasses import replace

    from ...data.locate import find_data
    from ...data.readers.arrays import given_arrays, raw_of_arrays
    from ...data.readers.npz import read_npz

    names = given_arrays({"x": x, "y": y, "test_x": test_x, "test_y": test_y}, "NAME")
    raw = raw_of_arrays(read_npz(find_data(folder, path, "path"), names), task, channels)
    return replace(raw, encoding={"reader": "npz", "x": x, "y": y, **raw.encoding})
