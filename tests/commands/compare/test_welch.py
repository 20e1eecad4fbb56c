"""Welch's test against SciPy, and the number of seeds against a printed table and a simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from dnnlab.commands.compare.welch import FEW, NOISE, REAL, power, seeds_needed, welch


@pytest.mark.parametrize("seed", range(20))
def test_t_df_and_p_are_those_of_scipy(seed: int) -> None:
    random = np.random.default_rng(seed)
    a = list(random.normal(0.9, random.uniform(0.001, 0.1), random.integers(2, 12)))
    b = list(random.normal(0.92, random.uniform(0.001, 0.1), random.integers(2, 12)))
    reference = stats.ttest_ind(a, b, equal_var=False)
    mine = welch("val_accuracy", a, b)
    assert mine.t == pytest.approx(reference.statistic, rel=1e-9)
    assert mine.df == pytest.approx(reference.df, rel=1e-9)
    assert mine.p == pytest.approx(reference.pvalue, rel=1e-9)
    assert mine.difference == pytest.approx(np.mean(a) - np.mean(b), rel=1e-9)


@pytest.mark.parametrize(("effect", "n"), [(0.2, 394), (0.5, 64), (0.8, 26), (1.0, 17), (1.2, 12)])
def test_the_number_of_seeds_is_that_of_cohens_table(effect: float, n: int) -> None:
    # Cohen (1988), table 2.4.1, two-sided 0.05, power 0.80, rounded up
    assert seeds_needed(effect, 1.0, 1.0) == n
    assert seeds_needed(-effect * 1e-3, 1e-6, 1e-6) == n


def test_the_power_is_how_often_a_simulation_sees_the_difference() -> None:
    random = np.random.default_rng(0)
    a = random.normal(0.0, 1.0, (20_000, 6))
    b = random.normal(2.0, 1.5, (20_000, 6))
    seen = float(np.mean(stats.ttest_ind(a, b, axis=1, equal_var=False).pvalue < 0.05))
    assert power(2.0, 1.0, 2.25, 6) == pytest.approx(seen, abs=0.015)


@pytest.mark.parametrize(("difference", "va", "vb"), [(0.5, 1.0, 4.0), (1.0, 0.01, 2.0), (0.003, 1e-5, 4e-6)])
def test_the_number_of_seeds_is_the_first_with_enough_power(difference: float, va: float, vb: float) -> None:
    n = seeds_needed(difference, va, vb)
    assert n is not None and power(difference, va, vb, n) >= 0.8 > power(difference, va, vb, n - 1)


def test_verdicts() -> None:
    assert welch("m", [0.90, 0.91, 0.92], [0.90, 0.92, 0.93]).verdict == NOISE
    assert welch("m", [0.90, 0.91, 0.92], [0.10, 0.12, 0.13]).verdict == REAL
    assert welch("m", [0.90, 0.91], [0.10, 0.12, 0.13]).verdict == FEW
    one = welch("m", [0.90], [0.10, 0.12, 0.13])
    assert (one.verdict, one.p, one.t, one.seeds_needed) == (FEW, None, None, None)


def test_no_spread_and_no_difference_are_no_division_by_zero() -> None:
    same = welch("m", [0.9] * 3, [0.9] * 3)
    assert (same.p, same.seeds_needed, same.verdict) == (1.0, None, NOISE)
    apart = welch("m", [0.9] * 3, [0.8] * 3)
    assert (apart.p, apart.t, apart.seeds_needed, apart.verdict) == (0.0, None, 2, REAL)


@pytest.mark.parametrize("scale", [1e-200, 1e-20, 1e20, 1e150])
def test_the_units_do_not_matter(scale: float) -> None:
    mine = welch("m", [0.90 * scale, 0.91 * scale, 0.95 * scale], [0.90 * scale, 0.92 * scale, 0.96 * scale])
    plain = welch("m", [0.90, 0.91, 0.95], [0.90, 0.92, 0.96])
    if scale > 1e-100:  # below it the variances themselves are zero in floating point
        assert mine.p == pytest.approx(plain.p, rel=1e-6)
        assert mine.seeds_needed == plain.seeds_needed
    assert mine.p is not None and math.isfinite(mine.p)


def test_a_hopeless_difference_has_no_number() -> None:
    assert seeds_needed(1e-6, 1.0, 1.0) is None
    assert seeds_needed(1e-300, 1.0, 1.0) is None
