"""Refuse numbers that are not finite, and too few classes, before anything is created."""

from __future__ import annotations

import numpy as np

from ...errors import DataError, Problem
from ..places import Places
from ..raw import RawDataset

_BLOCK = 1 << 18
_SHOWN = 5


def check_rows(raw: RawDataset, name: str) -> None:
    """Raise `DataError` for values that are not finite, empty parts, and a single class."""
    problems: list[Problem] = []
    for part, (inputs, targets) in raw.parts().items():
        places = raw.places if part == "train" and raw.places else Places.all(len(inputs))
        if len(inputs) == 0:
            problems.append(
                Problem(
                    f"the {part} part of {name} has no rows",
                    "expected at least 1",
                    path="data",
                    code="too_few_rows",
                )
            )
        where, columns = f"{name}, {part} part", _column_words(raw, inputs.ndim)
        problems += _not_finite(where, inputs, columns, places, holes=bool(raw.fill))
        problems += _not_finite(where, targets, [f'target "{n}"' for n in raw.names], places)
    present = np.unique(raw.train[1]) if raw.target == "index" and len(raw.train[1]) else np.zeros(2)
    if len(present) == 1:
        text = f"all {len(raw.train[1]):,} rows of {name} are of one class ({raw.names[present[0]]})"
        problems.append(Problem(text, "expected two classes or more", path="data", code="one_class"))
    DataError.raise_if_any(problems)


def _column_words(raw: RawDataset, dims: int) -> list[str]:
    """What an entry along axis 1 is called: a named feature, a feature by number, a channel."""
    if dims == 4:
        return [f"channel {i}" for i in range(raw.train[0].shape[1])]
    return [f'"{n}"' for n in raw.feature_names] or [f"feature {i}" for i in range(raw.train[0].shape[1])]


def _not_finite(
    where: str, values: np.ndarray, columns: list[str], places: Places, *, holes: bool = False
) -> list[Problem]:
    """One problem for each of the first columns (axis 1) with NaN or infinity. holes: NaN will be filled."""
    if values.dtype.kind != "f":
        return []
    bad: dict[
        int, tuple[int, int, bool]
    ] = {}  # column -> (values that are not finite, the first's row, whether all are NaN)
    step = max(1, _BLOCK // max(1, values[:1].size))
    for start in range(0, len(values), step):
        block = values[start : start + step]
        finite = np.isfinite(block) if not holes else ~np.isinf(block)
        if finite.all():
            continue
        wrong = ~finite.reshape(len(block), block.shape[1], -1)
        for column in np.flatnonzero(wrong.any(axis=(0, 2))).tolist():
            rows = wrong[:, column].any(axis=1)
            count, first, nan = bad.get(column, (0, start + int(np.argmax(rows)), True))
            nan = nan and not np.isinf(block[:, column]).any()
            bad[column] = (count + int(wrong[:, column].sum()), first, nan)
    problems = [
        _problem(where, columns[column], places, *found) for column, found in sorted(bad.items())[:_SHOWN]
    ]
    if len(bad) > _SHOWN:
        problems.append(
            Problem(f"{where}: {len(bad) - _SHOWN} more columns like these", path="data", code="not_finite")
        )
    return problems


def _problem(where: str, column: str, places: Places, count: int, first: int, nan: bool) -> Problem:
    kind = "NaN" if nan else "not finite"
    values = "1 value is" if count == 1 else f"{count:,} values are"
    text = f"{where}: {values} {kind} in {column} (first: {places.words(first)})"
    return Problem(
        text, "expected finite numbers", "fill them or leave those rows out", path="data", code="not_finite"
    )
