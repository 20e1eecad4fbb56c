"""Long curves with fewer points that look the same: every peak and every dip stays."""

from __future__ import annotations

from collections.abc import Sequence

Number = float | None


def thin(x: Sequence[float], y: Sequence[Number], most: int = 600) -> tuple[list[float], list[Number]]:
    """At most about `most` points (x, y): of each stretch the lowest and the highest, and the curve's first and last.

    None in y is a gap; a stretch with gaps keeps its first one.

    >>> thin(range(6), [0.0, 5.0, 1.0, 1.0, -7.0, 2.0], most=4)
    ([0, 1, 4, 5], [0.0, 5.0, -7.0, 2.0])
    """
    count = len(y)
    if count <= most:
        return list(x), list(y)
    stretches = max((most - 2) // 2, 1)
    kept = {0, count - 1}
    for i in range(stretches):
        inside = range(i * count // stretches, (i + 1) * count // stretches)
        measured = [j for j in inside if y[j] is not None]
        if measured:
            kept |= {min(measured, key=lambda j: y[j] or 0.0), max(measured, key=lambda j: y[j] or 0.0)}
        if len(measured) < len(inside):
            kept.add(next(j for j in inside if y[j] is None))
    places = sorted(kept)
    return [x[j] for j in places], [y[j] for j in places]
