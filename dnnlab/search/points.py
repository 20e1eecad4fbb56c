"""Points of a space as functions of (seed, number).

They do not depend on workers, restarts or the order: trial 17 is always the same point.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

from ..errors import ConfigError, Problem
from ..registry import inline
from .ranges import Choice, Numbers, Range
from .space import Dimension, Point, Space, active

LARGEST_GRID = 100_000
"""Points; more are taken for a typing mistake."""


def random_point(space: Space, seed: int, number: int) -> Point:
    """A point whose dimensions have random streams of their own: another dimension does not change them.

    Source: Bergstra & Bengio 2012, Random search for hyper-parameter optimization.
    """
    import numpy as np

    def share(dimension: Dimension) -> float:
        name = int.from_bytes(hashlib.sha256(dimension.key.encode()).digest()[:8], "little")
        return float(np.random.default_rng([seed, number, name]).random())

    return space.draw(share)


def quasi_random_point(space: Space, seed: int, number: int) -> Point:
    """Point `number` of a scrambled Sobol sequence, which is more even than random points.

    Source: Sobol 1967; Owen 1998 (scrambling).
    """
    import numpy as np
    from scipy.stats import qmc

    sequence = qmc.Sobol(len(space.dimensions), scramble=True, rng=np.random.default_rng(seed))
    if number:
        sequence.fast_forward(number)
    shares = dict(zip((d.key for d in space.dimensions), sequence.random(1)[0].tolist(), strict=True))
    return space.draw(lambda dimension: min(shares[dimension.key], 1 - 1e-12))


def grid_points(space: Space) -> Iterator[Point]:
    """Every combination, the last dimension moving fastest; dimensions exist only under their choice.

    Raises `ConfigError` for ranges without a number of grid values.
    """
    endless = [d for d in space.dimensions if d.range.grid() is None]
    if endless:
        raise ConfigError(
            *(
                Problem(
                    f"{inline(d.range.plain())} has no end of values",
                    "a grid needs a number of them",
                    "add points: 5",
                    f"search.{d.key}",
                    code="grid",
                )
                for d in endless
            )
        )
    return _combinations(space, 0, {})


def grid_size(space: Space) -> int:
    """The number of grid points. Raises `ConfigError` if it is infinite or above 100,000."""
    size = sum(1 for _ in itertools.islice(grid_points(space), LARGEST_GRID + 1))
    if size > LARGEST_GRID:
        problem = Problem(
            f"the grid has more than {LARGEST_GRID:,} points",
            "expected fewer",
            "sampler: random",
            "search",
            code="grid",
        )
        raise ConfigError(problem)
    return size


def point(space: Space, sampler: str, seed: int, number: int) -> Point:
    """Point `number` under the samplers random, quasi_random or grid.

    Raises `ConfigError` for a point outside the grid.
    """
    if sampler == "grid":
        found = next(itertools.islice(grid_points(space), number, None), None)
        if found is None:
            problem = Problem(
                f"the grid has no point {number}", f"it has {grid_size(space)}", "", "trials", code="grid"
            )
            raise ConfigError(problem)
        return found
    return {"random": random_point, "quasi_random": quasi_random_point}[sampler](space, seed, number)


def _combinations(space: Space, place: int, point: Point) -> Iterator[Point]:
    if place == len(space.dimensions):
        yield dict(point)
        return
    dimension = space.dimensions[place]
    if not active(dimension, point):
        yield from _combinations(space, place + 1, point)
        return
    for value in dimension.range.grid() or ():
        yield from _combinations(space, place + 1, {**point, dimension.key: value})


def probe_points(space: Space) -> Iterator[Point]:
    """For each dimension, a point at each end (or option) with all other dimensions in the middle.

    If their configs are valid, so are both ends of every range under every choice.
    """
    seen: list[Point] = []
    for dimension in space.dimensions:
        numbers = dimension.range
        for value in (numbers.low, numbers.high) if isinstance(numbers, Numbers) else numbers.grid():
            found = _at(space, dimension, value)
            if found not in seen:
                seen.append(found)
                yield found


def _at(space: Space, dimension: Dimension, value: float | int) -> Point:
    fixed: dict[str, float | int] = {dimension.key: value}
    condition = dimension.condition
    while condition is not None:
        fixed[condition[0]] = condition[1]
        condition = space[condition[0]].condition
    return space.fill(lambda other: fixed[other.key] if other.key in fixed else _middle(other.range))


def _middle(numbers: Range) -> float | int:
    return numbers.grid()[0] if isinstance(numbers, Choice) else numbers.at(0.5)
