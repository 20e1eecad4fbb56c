"""Statistics of curves that several rules use."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from .records import Curve, Sample


def median(values: Iterable[float | None]) -> float | None:
    """The median of the values that are not None; None if there are none."""
    there = [v for v in values if v is not None]
    return statistics.median(there) if there else None


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which this share of the values lies (the nearest one)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def smooth(curve: Curve) -> Curve:
    """Each value's median with its neighbours'."""
    values = [v for _, v in curve]
    return [(epoch, statistics.median(values[max(0, i - 1) : i + 2])) for i, (epoch, _) in enumerate(curve)]


def later(rows: Sequence[Sample], share: float = 0.5) -> Sequence[Sample]:
    """The last part of the samples, at least one."""
    return rows[min(len(rows) - 1, int(len(rows) * (1 - share))) :] if rows else rows


def of_group(rows: Sequence[Sample], group: str, key: str) -> list[tuple[int, float]]:
    """(epoch, value) of a layer's statistic over the samples."""
    return [(row.epoch, v) for row in rows if (v := row.groups.get(group, {}).get(key)) is not None]


def groups(rows: Sequence[Sample]) -> list[str]:
    """The layers that the samples tell of, in their order."""
    return list(dict.fromkeys(name for row in rows for name in row.groups))
