"""The statistics of the benchmarks: known ratios, an interval that covers, and a gate that noise alone cannot
miss.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="module")
def paired() -> Any:
    """The module `benchmarks/paired.py`, which is a script's helper and no package."""
    folder = str(Path(__file__).parents[1] / "benchmarks")
    sys.path.insert(0, folder)
    try:
        import paired
    finally:
        sys.path.remove(folder)
    return paired


def test_equal_ratios_give_that_ratio_and_no_doubt(paired: Any) -> None:
    speeds = np.linspace(1, 5, 9)  # the machine becomes five times slower on the way
    result = paired.compare("x", 1.5 * speeds, speeds)
    assert (result.ratio, result.low, result.high) == pytest.approx((1.5, 1.5, 1.5))


def test_one_disturbed_pair_does_not_move_the_median(paired: Any) -> None:
    a = np.full(9, 2.0)
    a[3] = 50.0
    result = paired.compare("x", a, np.ones(9))
    assert result.ratio == 2.0
    assert result.high == 2.0


def test_the_interval_covers_the_true_ratio_about_as_often_as_it_says(paired: Any) -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        machine = rng.lognormal(0, 0.5, 15)
        result = paired.compare("x", 1.2 * machine * rng.lognormal(0, 0.05, 15), machine)
        covered += result.low <= 1.2 <= result.high
    assert 176 <= covered <= 199


def test_the_same_numbers_give_the_same_interval(paired: Any) -> None:
    a, b = np.random.default_rng(2).uniform(1, 2, (2, 12))
    assert paired.compare("x", a, b) == paired.compare("x", a, b)


@pytest.mark.parametrize(("gate", "missed"), [(1.0, False), (1.04, False), (0.9, True)])
def test_a_gate_is_missed_only_when_the_lower_end_is_above_it(paired: Any, gate: float, missed: bool) -> None:
    ratios = [
        0.96,
        0.98,
        1.0,
        1.0,
        1.03,
        1.06,
        1.08,
        1.09,
        1.1,
    ]  # median 1.03, and 1.0 is inside the interval
    result = paired.compare("engine", ratios, np.ones(9), gate)
    assert result.ratio == pytest.approx(1.03)
    assert result.missed is missed
    assert result.row().endswith("MISSED" if missed else "met")


def test_measurements_alternate_after_a_round_that_does_not_count(
    paired: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    order = []
    clock = itertools.count(1)

    def measure(name: str, factor: float) -> float:
        order.append(name)
        return factor * next(clock)

    result = paired.paired("a/b", lambda: measure("a", 1.0), lambda: measure("b", 1.0), pairs=10)
    assert order == ["a", "b"] * 11
    assert result.a == tuple(range(3, 23, 2))
    assert result.b == tuple(range(4, 24, 2))
    assert capsys.readouterr().out == result.row() + "\n"


def test_too_few_pairs_are_refused(paired: Any) -> None:
    with pytest.raises(ValueError, match="received 8 and 8 measurements; expected at least 9 pairs"):
        paired.compare("x", [1.0] * 8, [1.0] * 8)
    with pytest.raises(ValueError, match="received 9 and 10 measurements"):
        paired.compare("x", [1.0] * 9, [1.0] * 10)
