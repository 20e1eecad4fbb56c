"""Any data set in a NumPy archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import ConfigError, Problem
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
) -> RawDataset:
    """Inputs and targets from the arrays of one .npz file.

    Arrays of Python objects are refused, since reading them runs code.

    path: the file, relative to the file that names it, else to $DNNLAB_DATA. x: name of the inputs (rows,
    features) or (rows, channels, height, width); (rows, height, width) are images of one channel. y: name of
    the targets: whole numbers, texts or booleans (rows,) for classes, floats for numbers, a matrix of 0 and 1
    for labels. test_x, test_y: the same for the set's own test part; both or none. Raises `DataError` for
    what cannot be read.
    """
    from dataclasses import replace

    from ...data.locate import find_data
    from ...data.readers.arrays import from_files, with_channel
    from ...data.readers.npz import read_npz

    if (test_x is None) != (test_y is None):
        given, missing = ("test_x", "test_y") if test_y is None else ("test_y", "test_x")
        text = f"{given} without {missing}"
        raise ConfigError(
            Problem(text, "expected both or none", f"add {missing}: NAME", path=missing, code="missing_key")
        )
    wanted = {
        "x": x,
        "y": y,
        **({"test_x": test_x, "test_y": test_y} if test_x is not None and test_y is not None else {}),
    }
    arrays = read_npz(find_data(folder, path, "path"), wanted)
    test = (with_channel(arrays["test_x"]), arrays["test_y"]) if "test_x" in arrays else None
    raw = from_files(with_channel(arrays["x"]), arrays["y"], test)
    return replace(raw, encoding={"reader": "npz", "x": x, "y": y})
