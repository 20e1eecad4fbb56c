"""Curves one line high."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

BLOCKS = "▁▂▃▄▅▆▇█"
PLAIN = "_.-=*#"
"""For streams whose encoding lacks the blocks."""
GAP = " "
WIDE = 30.0  # a curve that spans so much is drawn over its logarithm, or its end would look like zero


def sparkline(
    values: Sequence[float | None], width: int, signs: str = BLOCKS, *, logarithmic: bool = False
) -> str:
    """At most `width` signs, from the lowest value to the highest; of more values neighbours are averaged.

    None is a gap.

    logarithmic: over the logarithm, where all values are positive and span a factor of 30 or more.

    >>> sparkline([0, 1, 2, None, 7], 10)
    '▁▂▃ █'
    >>> sparkline([3, 3], 10)
    '▄▄'
    """
    means = _means(values, width)
    there = [value for value in means if value is not None]
    if not there:
        return GAP * len(means)
    if logarithmic and min(there) > 0 and max(there) > WIDE * min(there):
        means = [None if value is None else math.log(value) for value in means]
        there = [value for value in means if value is not None]
    low, high = min(there), max(there)
    if high <= low:
        return "".join(GAP if value is None else signs[(len(signs) - 1) // 2] for value in means)
    top = len(signs) - 1
    half = 0.5 if math.isinf(high - low) else 1.0  # two huge numbers of opposite sign
    span = half * high - half * low
    return "".join(
        GAP if value is None else signs[round(top * ((half * value - half * low) / span))] for value in means
    )


def _means(values: Sequence[float | None], width: int) -> list[float | None]:
    """The values in at most `width` groups of neighbours, the mean of each."""
    if len(values) <= width:
        return list(values)
    edges = [len(values) * i // width for i in range(width + 1)]
    means: list[float | None] = []
    for start, end in pairwise(edges):
        there = [value for value in values[start:end] if value is not None]
        means.append(math.fsum(value / len(there) for value in there) if there else None)
    return means
