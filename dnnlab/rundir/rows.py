"""The rows of a record file, kept as columns where they are many: a million dicts take a gigabyte."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, overload

from dnnlab.rundir.json_values import number

Row = dict[str, Any]
BLOCK = 20_000
"""Rows that are packed together; files with fewer rows stay a list of dicts."""


class Rows(Sequence[Row]):
    """Rows in the order of the file; blocks of flat rows with the same keys are columns of numbers."""

    def __init__(self) -> None:
        self._blocks: list[_Columns | list[Row]] = []
        self._open: list[Row] = []

    def extend(self, rows: list[Row]) -> None:
        """Append rows."""
        self._open += rows
        while len(self._open) >= BLOCK:
            block, self._open = self._open[:BLOCK], self._open[BLOCK:]
            self._blocks.append(_packed(block) or block)

    def compact(self) -> Sequence[Row]:
        """The rows as a list where they are few, else these."""
        return self if self._blocks else self._open

    def numbers(self, key: str) -> list[float | None]:
        """The number of a key in each row, None where it is missing or something else."""
        found: list[float | None] = []
        for block in (*self._blocks, self._open):
            found += (
                block.numbers(key) if isinstance(block, _Columns) else [number(row.get(key)) for row in block]
            )
        return found

    def values(self, key: str) -> list[Any]:
        """The value of a key in each row, None where it is missing."""
        found: list[Any] = []
        for block in (*self._blocks, self._open):
            found += block.values(key) if isinstance(block, _Columns) else [row.get(key) for row in block]
        return found

    def __len__(self) -> int:
        return len(self._blocks) * BLOCK + len(self._open)

    def __iter__(self) -> Iterator[Row]:
        for block in (*self._blocks, self._open):
            yield from block

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        if at >= len(self._blocks) * BLOCK:
            return self._open[at - len(self._blocks) * BLOCK]
        return self._blocks[at // BLOCK][at % BLOCK]


class _Columns:
    """A block of rows with the same keys, whose values are finite numbers, true, false or None."""

    def __init__(self, columns: dict[str, tuple[type, array[Any]]]) -> None:
        self._columns = columns

    def numbers(self, key: str) -> list[float | None]:
        """The numbers of a key, None where it is missing or true or false."""
        kind, values = self._columns.get(key, (bool, array("b")))
        if kind is bool:
            return [None] * BLOCK
        return list(map(float, values)) if kind is int else self.values(key)

    def values(self, key: str) -> list[Any]:
        """The values of a key as they were, None where it is missing."""
        if key not in self._columns:
            return [None] * BLOCK
        kind, values = self._columns[key]
        if kind is bool:
            return list(map(bool, values))
        return values.tolist() if kind in (int, float) else [None if v != v else v for v in values]

    def __iter__(self) -> Iterator[Row]:
        keys = tuple(self._columns)
        for values in zip(*map(self.values, keys), strict=True):
            yield dict(zip(keys, values, strict=True))

    def __getitem__(self, at: int) -> Row:
        found = {key: (kind, values[at]) for key, (kind, values) in self._columns.items()}
        return {key: bool(v) if kind is bool else None if v != v else v for key, (kind, v) in found.items()}


def _packed(rows: list[Row]) -> _Columns | None:
    """The columns of rows; None if a row has other keys or a value that is no number."""
    keys = tuple(rows[0])
    if not keys or set(map(tuple, rows)) != {keys}:
        return None
    columns = [_column(values) for values in zip(*map(dict.values, rows), strict=True)]
    kept = {key: column for key, column in zip(keys, columns, strict=True) if column is not None}
    return _Columns(kept) if len(kept) == len(keys) else None


def _column(values: tuple[Any, ...]) -> tuple[type, array[Any]] | None:
    kinds = set(map(type, values))
    if kinds == {bool}:
        return bool, array("b", values)
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in (min(values), max(values))):
        return int, array("q", values)
    if not kinds <= {float, type(None)}:
        return None
    known = values if kinds == {float} else [value for value in values if value is not None]
    if known and not -math.inf < min(known) <= max(known) < math.inf:
        return None
    if kinds == {float}:
        return float, array("d", values)
    # JSON has no NaN, so that it can stand for None.
    return type(None), array("d", [math.nan if value is None else value for value in values])
