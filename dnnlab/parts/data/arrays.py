"""Arrays that are handed over in Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import DataError, Problem
from ...registry import part

if TYPE_CHECKING:
    from ...data.raw import RawDataset


@part("data", source="dnnlab's own")
def arrays(folder: Path) -> RawDataset:
    """Arrays from Python: `dnnlab.train(config, data=(X, y))`; the other keys act on them.

    X: (rows, features) or (rows, channels, height, width). y: whole numbers, texts or booleans for classes,
    floats for real targets, a matrix of 0 and 1 for several labels. Raises `DataError` where no arrays came
    along: a file cannot hold them.
    """
    fix = "call dnnlab.train(config, data=(X, y)) in Python, or name a data set that is read from files"
    raise DataError(
        Problem(
            "`data: arrays` came without arrays",
            "expected X and y, which only Python can hand over",
            fix,
            code="needs_arrays",
        )
    )
