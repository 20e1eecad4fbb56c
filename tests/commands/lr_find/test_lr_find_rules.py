"""From curves to rates: made-up curves whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from dnnlab.commands.lr_find.rules import Curve, has_exploded, smooth, suggestions, turning_point, turns_up

STEPS = 300
RATES = np.logspace(-7, 1, STEPS)


def curve(
    seed: int | None = 0, *, falls: float = 1e-4, climbs: float = 1e-1, ended: str = "whole", cut: int = STEPS
) -> Curve:
    """2.3, then linear in the logarithm of the rate down to 0.3, then up again; noise of deviation 0.1."""
    share = np.clip((np.log10(RATES) - np.log10(falls)) / (np.log10(climbs) - np.log10(falls)), 0, 1)
    losses = 2.3 - 2.0 * share + np.clip(np.log10(RATES / climbs), 0, None) * 2
    noise = 0 if seed is None else np.random.default_rng(seed).normal(0, 0.1, STEPS)
    return Curve(tuple(RATES[:cut].tolist()), tuple((losses + noise)[:cut].tolist()), STEPS, ended)


@pytest.mark.parametrize("planned", [50, 300, 1000])
def test_smoothing_is_the_weighted_mean_of_all_before(planned: int) -> None:
    losses = np.random.default_rng(0).normal(size=40)
    keep = np.exp(-30 / planned)
    for i, found in enumerate(smooth(losses.tolist(), planned)):
        assert found == pytest.approx(np.average(losses[: i + 1], weights=keep ** np.arange(i, -1, -1)))


@pytest.mark.parametrize("seed", range(8))
def test_both_rules_on_a_noisy_curve(seed: int) -> None:
    book, steep = suggestions(curve(seed))
    assert (book.rule, steep.rule) == ("book", "steepest")
    assert 0.005 <= book.lr <= 0.03
    assert 1e-4 <= steep.lr <= 0.1


def test_without_noise_the_turn_is_where_it_was_made() -> None:
    found = turning_point(curve(None))
    assert found is not None
    assert RATES[found] == pytest.approx(0.1, rel=1.0)  # smoothing comes a quarter of a decade late


@pytest.mark.parametrize("seed", range(20))
def test_noise_alone_suggests_nothing(seed: int) -> None:
    losses = 2.3 + np.random.default_rng(seed).normal(0, 0.2, STEPS)
    flat = Curve(tuple(RATES.tolist()), tuple(losses.tolist()), STEPS, "whole")
    assert suggestions(flat) == []


def test_a_curve_that_still_falls_suggests_nothing() -> None:
    found = curve(0, climbs=1e3)
    turn = turning_point(found)
    assert turn is not None and not turns_up(found, turn)
    assert suggestions(found) == []


def test_a_fall_from_the_first_step_on_counts() -> None:
    assert [s.rule for s in suggestions(curve(0, falls=1e-7, climbs=1e-2))] == ["book", "steepest"]


@pytest.mark.parametrize("length", [0, 1, 5, 15])
def test_a_curve_that_ends_at_once_suggests_nothing(length: int) -> None:
    assert suggestions(curve(0, ended="exploded", cut=length)) == []


@pytest.mark.parametrize(
    ("smoothed", "lowest", "first", "exploded"),
    [
        (2.0, 0.5, 2.3, False),
        (2.01, 0.5, 2.3, True),
        (0.2, 1e-4, 2.3, False),
        (0.4, 1e-4, 2.3, True),
        (float("nan"), 1.0, 2.3, True),
    ],
)
def test_four_times_the_smallest_is_exploded(
    smoothed: float, lowest: float, first: float, exploded: bool
) -> None:
    assert has_exploded(smoothed, lowest, first) is exploded
