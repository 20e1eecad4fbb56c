"""Any data set in two NumPy files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import ConfigError, Problem
from ...registry import part

if TYPE_CHECKING:
    from ...data.raw import RawDataset


@part(
    "data",
    source="NumPy, numpy.save",
    example={"x": "inputs.npy", "y": "targets.npy"},
    files=("x", "y", "test_x", "test_y"),
)
def npy(folder: Path, *, x: str, y: str, test_x: str | None = None, test_y: str | None = None) -> RawDataset:
    """Inputs and targets from .npy files of any size, memory-mapped.

    Arrays of Python objects are refused, since reading them runs code.

    x: file of the inputs (rows, features) or (rows, channels, height, width), relative to the file that names
    it, else to $DNNLAB_DATA; (rows, height, width) are images of one channel. y: file of the targets: whole
    numbers, texts or booleans (rows,) for classes, floats for numbers, a matrix of 0 and 1 for labels.
    test_x, test_y: the same for the set's own test part; both or none. Raises `DataError` for what cannot be
    read.
    """
    from ...data.locate import find_data
    from ...data.readers.arrays import from_files, with_channel
    from ...data.readers.npz import read_npy

    if (test_x is None) != (test_y is None):
        given, missing = ("test_x", "test_y") if test_y is None else ("test_y", "test_x")
        text = f"{given} without {missing}"
        raise ConfigError(
            Problem(text, "expected both or none", f"add {missing}: PATH", path=missing, code="missing_key")
        )
    wanted = {"x": x, "y": y, "test_x": test_x, "test_y": test_y}
    found = {
        key: read_npy(find_data(folder, path, key), key) for key, path in wanted.items() if path is not None
    }
    test = (with_channel(found["test_x"]), found["test_y"]) if "test_x" in found else None
    return from_files(with_channel(found["x"]), found["y"], test)
