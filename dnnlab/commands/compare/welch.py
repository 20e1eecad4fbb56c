"""Welch's t-test of two groups of runs, and the number of seeds that would show a difference.

Welch, B. L. (1947), The generalization of "Student's" problem when several different population variances are
involved.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

ALPHA = 0.05
POWER = 0.8
FEWEST = 3  # samples a group below which the deviation itself is hardly known
MOST = 10_000  # seeds beyond which the exact number says nothing

NOISE, REAL, FEW = "inside the noise", "outside the noise", "too few seeds"


@dataclass(frozen=True)
class Welch:
    """The result of a test of two groups."""

    metric: str
    """The metric that is tested."""
    n: tuple[int, int]
    """The number of samples of each group."""
    difference: float
    """The difference of the means."""
    t: float | None
    """The t statistic; None if a group has fewer than two samples."""
    df: float | None
    """The degrees of freedom, or None."""
    p: float | None
    """The p-value; None if a group has fewer than two samples."""
    seeds_needed: int | None
    """The seeds that each group needs to show this difference; None if no number is enough."""
    verdict: str
    """The result in a phrase."""


def welch(metric: str, a: Sequence[float], b: Sequence[float]) -> Welch:
    """Compare two samples (of at least one value each), two-sided."""
    difference = statistics.fmean(a) - statistics.fmean(b)
    n = (len(a), len(b))
    if min(n) < 2:
        return Welch(metric, n, difference, None, None, None, None, FEW)
    spread_a, spread_b = statistics.variance(a), statistics.variance(b)
    t, df, p = t_test(difference, spread_a, spread_b, n)
    verdict = FEW if min(n) < FEWEST else NOISE if p >= ALPHA else REAL
    return Welch(
        metric,
        n,
        difference,
        t if math.isfinite(t) else None,
        df,
        p,
        seeds_needed(difference, spread_a, spread_b),
        verdict,
    )


def t_test(
    difference: float, variance_a: float, variance_b: float, n: tuple[int, int]
) -> tuple[float, float, float]:
    """t, Welch-Satterthwaite degrees of freedom and two-sided p.

    Without any spread p is 1 (the same value) or 0.
    """
    from scipy.special import stdtr  # scipy.stats takes twice as long to import

    error_a, error_b = variance_a / n[0], variance_b / n[1]
    if error_a + error_b == 0:
        return (
            (0.0 if difference == 0 else math.copysign(math.inf, difference)),
            float(sum(n) - 2),
            float(difference == 0),
        )
    t = difference / math.sqrt(error_a + error_b)
    share = error_a / (error_a + error_b)  # squares of the errors themselves could underflow
    df = 1 / (share**2 / (n[0] - 1) + (1 - share) ** 2 / (n[1] - 1))
    return t, df, float(2 * stdtr(df, -abs(t)))


def power(difference: float, variance_a: float, variance_b: float, n: int) -> float:
    """The power of Welch's test (p < 0.05) with n runs a group, for this true difference and variances.

    t then follows a noncentral t distribution with df = (n - 1) (va + vb)^2 / (va^2 + vb^2) and noncentrality
    |difference| / sqrt((va + vb) / n). Source: Cohen (1988), Statistical Power Analysis, ch. 2, for unequal
    variances.
    """
    from scipy.special import nctdtr, stdtrit

    total = variance_a + variance_b
    share = variance_a / total
    df = (n - 1) / (share**2 + (1 - share) ** 2)
    shift = abs(difference) / math.sqrt(total / n)
    critical = float(stdtrit(df, 1 - ALPHA / 2))
    return 1 - float(nctdtr(df, shift, critical)) + float(nctdtr(df, shift, -critical))


def seeds_needed(difference: float, variance_a: float, variance_b: float) -> int | None:
    """The fewest runs a group with which `power` reaches 0.8. None: no difference, or more than 10,000 runs.

    Begins at the normal approximation (z_0.975 + z_0.8)^2 (va + vb) / difference^2, which is at most a few
    runs too small.
    """
    if difference == 0:
        return None
    total = variance_a + variance_b
    if total == 0:
        return 2
    normal = statistics.NormalDist()
    z = normal.inv_cdf(1 - ALPHA / 2) + normal.inv_cdf(POWER)
    noise_to_signal = math.sqrt(total) / abs(difference)
    about = z * z * noise_to_signal * noise_to_signal
    if about > MOST:
        return None
    n = max(2, math.floor(about))
    while n <= MOST and power(difference, variance_a, variance_b, n) < POWER:
        n += 1
    return n if n <= MOST else None
