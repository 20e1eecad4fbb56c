"""Paired timing: two things measured in turn, A B A B, so that a slow moment of the machine hits both, and the median of their ratios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

LEAST_PAIRS = 9
RESAMPLES = 10_000


@dataclass(frozen=True)
class Comparison:
    """Seconds of A and of B, pair by pair.

    ratio: median of A / B. low, high: its 95 % bootstrap interval. gate: the largest ratio wanted.
    """

    name: str
    a: tuple[float, ...]
    b: tuple[float, ...]
    ratio: float
    low: float
    high: float
    gate: float | None = None

    @property
    def missed(self) -> bool:
        """Whether the gate is missed beyond doubt: even the interval's lower end lies above it."""
        return self.gate is not None and self.low > self.gate

    def row(self) -> str:
        """One line: name, median seconds of both, ratio, interval, gate and verdict."""
        verdict = "" if self.gate is None else f"  gate {self.gate:.2f}  {'MISSED' if self.missed else 'met'}"
        times = f"{np.median(self.a):8.4f} s {np.median(self.b):8.4f} s"
        return f"{self.name:44s} {times}  ratio {self.ratio:.3f} [{self.low:.3f}, {self.high:.3f}]{verdict}"


def compare(name: str, a: Sequence[float], b: Sequence[float], gate: float | None = None) -> Comparison:
    """The comparison of seconds that were measured in turn.

    Raises `ValueError` for unequal lengths and for less than nine pairs.
    """
    if len(a) != len(b) or len(a) < LEAST_PAIRS:
        raise ValueError(
            f"received {len(a)} and {len(b)} measurements; expected at least {LEAST_PAIRS} pairs"
        )
    ratios = np.asarray(a) / np.asarray(b)
    drawn = np.random.default_rng(0).integers(len(ratios), size=(RESAMPLES, len(ratios)))
    low, high = np.quantile(np.median(ratios[drawn], axis=1), [0.025, 0.975])
    return Comparison(name, tuple(a), tuple(b), float(np.median(ratios)), float(low), float(high), gate)


def interleave(measures: Sequence[Callable[[], float]], pairs: int = LEAST_PAIRS) -> list[list[float]]:
    """Call every measurement once a round, in turn, after one round that does not count.

    Returns the seconds of each, round by round.
    """
    for measure in measures:
        measure()
    rounds = [[measure() for measure in measures] for _ in range(pairs)]
    return [list(column) for column in zip(*rounds, strict=True)]


def paired(
    name: str,
    a: Callable[[], float],
    b: Callable[[], float],
    *,
    gate: float | None = None,
    pairs: int = LEAST_PAIRS,
) -> Comparison:
    """Measure A and B in turn (each callable returns its seconds), print the row and return it."""
    result = compare(name, *interleave([a, b], pairs), gate)
    print(result.row(), flush=True)
    return result
