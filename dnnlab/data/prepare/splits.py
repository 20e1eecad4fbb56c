"""Split rows into training, validation and test: by `split_seed` alone, never by the run's seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import DataError, Problem
from ...registry import Share

Rows = np.ndarray
_STREAMS = {"test": 0, "validation": 1, "limit": 2}


@dataclass(frozen=True, eq=False)
class SplitNumbers:
    """Row numbers of a set's training part, ascending, int64; None where a part is not taken from there."""

    train: Rows
    validation: Rows | None
    test: Rows | None


def split_rows(
    rows: int,
    labels: np.ndarray | None,
    validation: Share | None,
    test: Share | None,
    limit: int | None,
    seed: int,
    per_class: tuple[np.ndarray, int] | None = None,
) -> SplitNumbers:
    """Split `rows` rows into training, validation and test rows, then cut the training rows down to `limit`.

    Shares count from all rows; `{first: n}` takes the first rows that the test part has left over. labels:
    (rows,) class numbers for a split in which each part has its classes in the set's proportions (see
    `allocate`), or None for a plain draw. per_class: (class numbers, n): of each class at most n training
    rows are kept. Raises `DataError` for more rows than there are.
    """
    if rows < 2:
        raise DataError(
            Problem(
                f"the training part has {rows} row", "expected at least 2", path="data", code="too_few_rows"
            )
        )
    left = np.arange(rows)
    taken: dict[str, Rows] = {}
    for name, share in (("test", test), ("validation", validation)):
        if share is None:
            continue
        chosen = _take(name, left, rows, labels, share, seed)
        taken[name], left = chosen, np.setdiff1d(left, chosen, assume_unique=True)
    if limit is not None:
        if limit > len(left):
            text = f"received {limit:,}, but {len(left):,} rows are left for training"
            raise DataError(
                Problem(
                    text,
                    f"expected at most {len(left)}",
                    "write a smaller number, or none",
                    "data.limit",
                    code="too_few_rows",
                )
            )
        left = _draw(left, labels, limit, seed, "limit", keep_one=False)
    if per_class is not None:
        left = _draw_per_class(left, *per_class, seed)
    return SplitNumbers(left, taken.get("validation"), taken.get("test"))


def allocate(counts: np.ndarray, wanted: int, keep_one: bool) -> np.ndarray:
    """Rows of each class among `wanted` rows: proportional, by the largest remainder (Hamilton's method).

    counts: (classes,) rows of each class. Then each class that still has none gets one from the class that
    got most, as long as there are rows to give. keep_one: a class is never emptied, so that a class with one
    row stays where it is (in training); given up only where `wanted` cannot be reached otherwise.
    >>> allocate(np.array([70, 20, 10]), 7, True).tolist()
    [5, 1, 1]
    """
    room = np.maximum(counts - 1, 0) if keep_one else counts.copy()
    if room.sum() < wanted:
        room = counts.copy()
    total = int(counts.sum())
    given: np.ndarray = np.minimum(counts * wanted // total, room)
    remainder = counts * wanted - given * total
    while (short := wanted - int(given.sum())) > 0:
        order = np.argsort(-remainder, kind="stable")
        lucky = order[(given < room)[order]][:short]
        given[lucky] += 1
        remainder[lucky] -= total
    for empty in np.flatnonzero((given == 0) & (room > 0)):
        giver = int(np.argmax(given))
        if given[giver] > 1:
            given[giver] -= 1
            given[empty] += 1
    return given


def _take(name: str, left: Rows, rows: int, labels: np.ndarray | None, share: Share, seed: int) -> Rows:
    raw = share.raw
    wanted = (
        raw["first"]
        if isinstance(raw, dict)
        else raw
        if isinstance(raw, int)
        else max(1, int(raw * rows + 0.5))
    )
    if wanted >= len(left):
        text = f"received {share}, which is {wanted:,} of the {rows:,} rows" + (
            f" ({len(left):,} are left)" if len(left) < rows else ""
        )
        fix = "write a smaller share or count" + (
            ", also for data.test" if name == "validation" and len(left) < rows else ""
        )
        raise DataError(
            Problem(
                text, "expected that rows are left for training", fix, f"data.{name}", code="too_few_rows"
            )
        )
    if isinstance(raw, dict):
        first: Rows = left[:wanted]
        return first
    return _draw(left, labels, wanted, seed, name, keep_one=True)


def _draw_per_class(left: Rows, labels: np.ndarray, limit: int, seed: int) -> Rows:
    largest = int(np.bincount(labels[left]).max())
    if limit > largest:
        text = f"received {limit:,}, but no class has more than {largest:,} rows for training"
        raise DataError(
            Problem(
                text,
                f"expected at most {largest}",
                "write a smaller number, or none",
                "data.limit_per_class",
                code="too_few_rows",
            )
        )
    order = np.random.default_rng([seed % (1 << 64), _STREAMS["limit"]]).permutation(left)
    drawn = labels[order]
    return np.sort(np.concatenate([order[drawn == label][:limit] for label in np.unique(drawn)]))


def _draw(
    left: Rows, labels: np.ndarray | None, wanted: int, seed: int, what: str, *, keep_one: bool
) -> Rows:
    # One stream a purpose: asking for a test part leaves the draw of the limit alone, and so on.
    generator = np.random.default_rng([seed % (1 << 64), _STREAMS[what]])
    order = generator.permutation(left)
    if labels is None:
        return np.sort(order[:wanted])
    drawn = labels[order]
    given = allocate(np.bincount(drawn), wanted, keep_one)
    return np.sort(
        np.concatenate([order[drawn == label][:count] for label, count in enumerate(given) if count])
    )
