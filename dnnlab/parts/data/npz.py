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
    from ...data.readers.arrays import check_test_keys, from_files, with_channel
    from ...data.readers.npz import read_npz

    check_test_keys(test_x, test_y, "NAME")
    wanted = {
        "x": x,
        "y": y,
        **({"test_x": test_x, "test_y": test_y} if test_x is not None and test_y is not None else {}),
    }
    arrays = read_npz(find_data(folder, path, "path"), wanted)
    test = (with_channel(arrays["test_x"]), arrays["test_y"]) if "test_x" in arrays else None
    raw = from_files(with_channel(arrays["x"]), arrays["y"], test, task=task, channels=channels)
    return replace(raw, encoding={"reader": "npz", "x": x, "y": y, **raw.encoding})
