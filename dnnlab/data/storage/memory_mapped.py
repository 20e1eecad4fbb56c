"""Rows that stay where they are, usually in a memory-mapped file: chosen and filled only when they are read.

No torch here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from ...errors import DataError, Problem
from ..raw import Array

BLOCK = 1 << 17  # numbers in one block: with its float64 copy it stays inside a core's cache


class Stored:
    """Looks like the array that it would be, as far as shape, type and reading rows go.

    array: (n, ...). rows: which of them, in this order; None: all. fill: (features,) float64, what NaN
    becomes in each feature.
    """

    def __init__(self, array: Any, rows: Array | None = None, fill: Array | None = None) -> None:
        self.array, self.rows, self.fill = array, rows, fill
        self.shape: tuple[int, ...] = (len(array) if rows is None else len(rows), *array.shape[1:])
        self.dtype: np.dtype[Any] = array.dtype if fill is None else np.result_type(array.dtype, fill.dtype)

    @property
    def ndim(self) -> int:
        """Axes, that of the rows included."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """The size that all rows would have in memory."""
        return int(np.prod(self.shape)) * self.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Array:
        values: Array = self.array[key if self.rows is None else self.rows[key]]
        return values if self.fill is None else np.where(np.isnan(values), self.fill, values)


def taken(array: Array, rows: Array) -> Array:
    """`array[rows]` without a copy."""
    return cast(Array, Stored(array, rows))


def filled(array: Array, numbers: Array) -> Array:
    """`array` with `numbers` for its NaN, without a copy."""
    return cast(Array, Stored(array, None, numbers))


def blocks(inputs: Array, rows: Array | None = None) -> Iterator[tuple[slice, Array]]:
    """(place in the result, values) of a few rows at a time."""
    step = max(1, BLOCK // max(1, inputs[:1].size))
    count = len(inputs) if rows is None else len(rows)
    for start in range(0, count, step):
        span = slice(start, min(start + step, count))
        yield span, inputs[span] if rows is None else inputs[rows[span]]


@dataclass(frozen=True)
class Backing:
    """The file that an array is mapped from, and how many bytes of it."""

    path: Path
    size: int

    def check(self) -> None:
        """Raise `DataError` if the file became shorter: reading beyond its end would kill the process."""
        try:
            found = self.path.stat().st_size
        except OSError as error:
            raise changed(f"{self.path} cannot be read any more ({error.strerror or error})") from None
        if found < self.size:
            raise changed(f"{self.path} was cut to {found:,} of {self.size:,} bytes while it was in use")


def backing(array: Any) -> Backing | None:
    """What an array is mapped from; None for one in memory."""
    while isinstance(array, Stored):
        array = array.array
    outermost = None
    while array is not None:
        if isinstance(array, np.memmap) and array.filename is not None:
            outermost = array
        array = getattr(array, "base", None)
    return (
        None
        if outermost is None
        else Backing(Path(cast(str, outermost.filename)), int(outermost.offset) + outermost.nbytes)
    )


def changed(received: str) -> DataError:
    """The error for data that went away while they were in use."""
    return DataError(
        Problem(
            received,
            "expected a file that stays as it is",
            "put it back, then resume the run",
            "data",
            code="unreadable",
        )
    )
