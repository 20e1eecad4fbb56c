"""A Parquet file as a table, one column in memory at a time; the inputs become a memory-mapped matrix."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...errors import DataError, Problem
from ..locate import unreadable
from ..places import Places
from ..raw import Array
from ..storage.data_cache import unpacked, write_header
from .cells import Cells, quoted
from .csv_file import Columns, Table
from .parquet_cells import ArrowCells, is_number, is_text, type_word
from .table_format import FormattedColumns, TableFormat
from .table_inputs import Column, encode_table

_NUMBERS = 1 << 19  # of one block, in float64
_PANDAS_INDEX = re.compile(r"__index_level_\d+__")
# Types whose numbers float32 holds exactly, so that the matrix on the disk may be half as large.
_SHORT = frozenset({"bool", "int8", "int16", "uint8", "uint16", "halffloat", "float"})


def read_parquet(path: Path, drop: Sequence[str] | None = None) -> Table:
    """The table of a Parquet file, whose columns are read when they are asked for. Raises `DataError`.

    drop: columns that will not be asked for; the types of all others are looked at now. None: each when it is
    asked for.
    """
    file = _opened(path)
    schema = file.schema_arrow
    names = list(schema.names)
    problems = [
        Problem(
            f'{path.name} has {n} columns called "{name}"',
            "expected names that differ",
            "rename them",
            "path",
            code="duplicate_column",
        )
        for name, n in Counter(names).items()
        if n > 1
    ]
    if file.metadata.num_rows == 0:
        problems.append(
            Problem(f"{path.name} has no rows", "expected rows", path="path", code="too_few_rows")
        )
    if drop is not None:
        problems += [
            _kind_problem(path, f)
            for f in schema
            if f.name not in drop and not (is_number(f.type) or is_text(f.type))
        ]
    DataError.raise_if_any(problems)
    unnamed = tuple(name for name in names if _PANDAS_INDEX.fullmatch(name))
    return Table(ParquetColumns(path, file), Places.all(file.metadata.num_rows), unnamed)


def encode_parquet(table: Table, columns: Sequence[Column]) -> Array:
    """The inputs of `encode_table`, memory-mapped if large; float32 if that holds every number exactly."""
    form, source = TableFormat(), table.columns
    if isinstance(source, FormattedColumns):
        form, source = source.form, source.source
    if not isinstance(source, ParquetColumns):
        raise TypeError("encode_parquet reads the tables of read_parquet")
    schema = source.file.schema_arrow
    short = all(
        c.values is not None
        or (c.name not in form.features and type_word(schema.field(c.name).type) in _SHORT)
        for c in columns
    )
    names = list(
        dict.fromkeys(form.features[c.name][0] if c.name in form.features else c.name for c in columns)
    )
    dtype = np.dtype(np.float32 if short else np.float64)
    shape = (len(table), sum(len(c.features) for c in columns))
    kept = None if source.rows is None else hashlib.sha256(source.rows.tobytes()).hexdigest()

    def write(file: BinaryIO) -> None:
        write_header(file, shape, dtype)
        for block in _blocks(source, names, max(1, _NUMBERS // shape[1])):
            file.write(np.ascontiguousarray(encode_table(form.apply(block), columns), dtype=dtype).data)

    return unpacked(
        source.path,
        ["parquet", [c.plain() for c in columns], kept, form.to_json()],
        shape[0] * shape[1] * dtype.itemsize,
        write,
    )


class ParquetColumns(Columns):
    """The columns by name; only the last one read stays in memory. rows: of the file, None: all."""

    def __init__(self, path: Path, file: Any, rows: Array | None = None) -> None:
        self.path, self.file, self.rows = path, file, rows
        self.names = list(file.schema_arrow.names)
        self._last: tuple[str, Cells] | None = None

    def __getitem__(self, name: str) -> Cells:
        if self._last is None or self._last[0] != name:
            if name not in self.names:
                raise KeyError(name)
            self._last = None  # two at once would be one too many
            self._last = (name, self._read(name))
        return self._last[1]

    def take(self, rows: Array) -> ParquetColumns:
        """The columns with only these rows."""
        return ParquetColumns(self.path, self.file, rows if self.rows is None else self.rows[rows])

    def _read(self, name: str) -> Cells:
        field = self.file.schema_arrow.field(name)
        if not (is_number(field.type) or is_text(field.type)):
            raise DataError(_kind_problem(self.path, field))
        with _errors(self.path):
            column = self.file.read(columns=[name]).column(0)
            if is_text(field.type):
                column.validate(full=True)  # texts that are no UTF-8
            return ArrowCells(column if self.rows is None else column.take(self.rows))


def _blocks(source: ParquetColumns, names: list[str], rows: int) -> Iterator[Table]:
    """The columns, some rows at a time."""
    start = 0
    with _errors(source.path):
        for batch in source.file.iter_batches(rows, columns=names):
            end = start + len(batch)
            if source.rows is not None:
                first, last = np.searchsorted(source.rows, [start, end])
                batch = batch.take(source.rows[first:last] - start)
            start = end
            yield Table({name: ArrowCells(batch.column(name)) for name in names}, Places.all(len(batch)))


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet files do."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError:
        return False


def _opened(path: Path) -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        text = "Parquet files are read by pyarrow, which is not installed"
        raise DataError(
            Problem(text, "expected that package", "pip install 'dnnlab[parquet]'", code="missing_package")
        ) from None
    try:
        return pq.ParquetFile(path, memory_map=True, pre_buffer=False)
    except pa.ArrowInvalid as error:
        text = f"{path.name} is no Parquet file ({_first_line(error)})"
        raise DataError(
            Problem(text, "expected a file that bears PAR1 at both ends", "", "path", code="no_parquet")
        ) from None
    except OSError as error:
        raise unreadable(path, error, "path") from None


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """What pyarrow raises for a damaged file becomes a `DataError`."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        text = f"{path.name} cannot be read ({_first_line(error)})"
        raise DataError(
            Problem(text, "expected a whole file", "get the file again", "path", code="no_parquet")
        ) from None


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _kind_problem(path: Path, field: Any) -> Problem:
    text = f'column "{field.name}" of {path.name} holds {type_word(field.type)} values'
    return Problem(
        text,
        "numbers or texts were expected",
        f"write the column as numbers or texts, or add `drop: [{quoted(field.name)}]`",
        "path",
        code="column_type",
    )
