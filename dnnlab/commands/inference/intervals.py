"""95 % confidence intervals of scores, over other rows from the same distribution."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

Array = np.ndarray
Interval = tuple[float, float]

LEVEL = 0.95
Z = 1.959963984540054  # the normal distribution's quantile of 0.975
RESAMPLES = 1000
SEED = 0
_BLOCK = 1 << 22  # drawn row numbers that are in memory at once
_WORK = 1e10  # multiplications of one interval; fewer resamples for data that need more


def wilson(right: int, rows: int) -> Interval | None:
    """The Wilson interval of the share `right` of `rows`; None without rows.

    It is never outside [0, 1] and never empty, even if all rows are right. Source: Wilson 1927, Probable
    inference, the law of succession, and statistical inference.

    >>> tuple(round(x, 4) for x in wilson(10, 10))
    (0.7225, 1.0)
    """
    if rows == 0:
        return None
    share, z2 = right / rows, Z * Z
    middle = (share + z2 / (2 * rows)) / (1 + z2 / rows)
    half = Z / (1 + z2 / rows) * math.sqrt(share * (1 - share) / rows + z2 / (4 * rows * rows))
    return (0.0 if right == 0 else middle - half), (1.0 if right == rows else middle + half)


def bootstrap(columns: Array, statistic: Callable[[Array], Array]) -> Interval | None:
    """The percentile bootstrap interval of a number that is a function of means over rows.

    Rows are resampled with replacement from a fixed seed. columns: (rows, k). statistic: a function of their
    means, (resamples, k) to (resamples,). None for fewer than 2 rows. Source: Efron & Tibshirani 1993, An
    Introduction to the Bootstrap, ch. 13.
    """
    rows = len(columns)
    if rows < 2:
        return None
    resamples = int(min(RESAMPLES, max(100, _WORK // columns.size)))
    generator = np.random.default_rng(SEED)
    values = []
    step = max(1, _BLOCK // rows)
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        drawn = generator.integers(rows, size=(count, rows)) + rows * np.arange(count)[:, None]
        times = np.bincount(drawn.ravel(), minlength=count * rows).reshape(count, rows)
        values.append(statistic(times @ columns / rows))
    return percentiles(np.concatenate(values))


def bootstrap_table(counts: Array, statistic: Callable[[Array], Array]) -> Interval | None:
    """The percentile bootstrap interval of a number that is a function of a table of counts.

    Resampling rows is drawing the table from a multinomial distribution. counts: (k, k). statistic:
    (resamples, k, k) to (resamples,). None for fewer than 2 rows or for a table of more than 10,000 cells.
    """
    rows = int(counts.sum())
    if rows < 2 or counts.size > 10_000:
        return None
    drawn = np.random.default_rng(SEED).multinomial(rows, counts.ravel() / rows, size=RESAMPLES)
    return percentiles(statistic(drawn.reshape(-1, *counts.shape)))


def percentiles(values: Array) -> Interval | None:
    """The middle 95 % of the finite values.

    None if all are alike: rows without one error say nothing about errors.
    """
    values = values[np.isfinite(values)]
    if len(values) == 0 or values.min() == values.max():
        return None
    low, high = np.percentile(values, [50 * (1 - LEVEL), 100 - 50 * (1 - LEVEL)])
    return float(low), float(high)
