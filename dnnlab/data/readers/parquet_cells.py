"""One column of a Parquet file as the cells of a table, from pyarrow's types."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import numpy as np

from ..raw import Array
from .cells import EMPTY, Cells, Numbers, read_numbers


class ArrowCells(Cells):
    """One column of pyarrow.

    A null or NaN is an empty cell; truth values are 0 and 1 among numbers, False and True among texts.
    """

    def __init__(self, column: Any) -> None:
        self.column = column
        self.typed = is_number(column.type)

    def __len__(self) -> int:
        return len(self.column)

    def __getitem__(self, key: Any) -> Any:
        return (
            _text(self.column[key].as_py())
            if isinstance(key, int | np.integer)
            else tuple(self[i] for i in range(*key.indices(len(self))))
        )

    def numbers(self) -> Numbers:
        """As `read_numbers` gives them."""
        if is_number(self.column.type):
            return Numbers(self._values(), Counter())
        texts, codes = self.coded()
        found = read_numbers(texts)
        text_codes = [i for i, text in enumerate(texts) if text in found.texts]
        counts = np.bincount(codes, minlength=len(texts))
        first = int(np.argmax(np.isin(codes, text_codes))) if text_codes else -1
        return Numbers(found.values[codes], Counter({texts[i]: int(counts[i]) for i in text_codes}), first)

    def holes(self, *, text: bool) -> Array:
        """As `holes` gives them."""
        if is_number(self.column.type):
            return cast(Array, np.isnan(self._values()))
        texts, codes = self.coded()
        return cast(
            Array, np.array([not t if text else t.lower() in EMPTY for t in texts], dtype=bool)[codes]
        )

    def coded(self) -> tuple[tuple[str, ...], Array]:
        """As `coded` gives them; a text with spaces around it stands for the one without.

        Categories that are declared and occur in no row are no texts of the column, as in a CSV file.
        """
        import pyarrow as pa

        whole = self.column.combine_chunks() if isinstance(self.column, pa.ChunkedArray) else self.column
        if not pa.types.is_dictionary(whole.type):
            whole = whole.dictionary_encode(null_encoding="encode")
        indices = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        texts = [_text(value) for value in whole.dictionary.to_pylist()]
        if (indices < 0).any():
            indices, texts = np.where(indices < 0, len(texts), indices), [*texts, ""]
        used = np.flatnonzero(np.bincount(indices, minlength=len(texts))).tolist()
        number = {text: i for i, text in enumerate(dict.fromkeys(texts[i] for i in used))}
        codes = np.zeros(len(texts), dtype=np.int64)
        codes[used] = [number[texts[i]] for i in used]
        return tuple(number), codes[indices]

    def _values(self) -> Array:
        """(rows,) float64, NaN for a null."""
        import pyarrow as pa

        kind = self.column.type
        other = (
            pa.uint8() if pa.types.is_boolean(kind) else pa.float64() if pa.types.is_decimal(kind) else kind
        )
        values = self.column if other == kind else self.column.cast(other)
        return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)


def is_number(kind: Any) -> bool:
    """Whether the values of a type are numbers or truth values."""
    import pyarrow.types as types

    return bool(
        types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind) or types.is_decimal(kind)
    )


def is_text(kind: Any) -> bool:
    """Whether the values of a type are texts, times, nothing at all, or categories."""
    import pyarrow.types as types

    if types.is_dictionary(kind):
        return is_text(kind.value_type) or is_number(kind.value_type)
    texts = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    return bool(texts or types.is_temporal(kind) or types.is_null(kind))


def type_word(kind: Any) -> str:
    """A type's name without what it is made of."""
    return str(kind).partition("<")[0].partition("[")[0]


def _text(value: Any) -> str:
    """A value as the cell of a CSV file."""
    return "" if value is None or value != value else str(value).strip()
