"""Gradients against differences: what is right, wrong, at a corner, or too small to tell."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from dnnlab.nn.probes.numeric_gradient import Compared, compare, settle


def compared(function: object, tensor: Tensor, slope: Tensor, count: int = 50) -> list[Compared]:
    return compare(lambda: function(tensor), tensor, slope, count, torch.Generator().manual_seed(0))  # type: ignore[operator]


def test_a_right_slope_is_right_and_the_tensor_stays() -> None:
    x = torch.linspace(0.3, 2, 12, dtype=torch.float64).view(3, 4)
    before = x.clone()
    found = compared(lambda t: t.sin().sum(), x, x.cos())
    assert max(c.error for c in found) < 1e-9
    assert sorted(c.place for c in found) == [(i, j) for i in range(3) for j in range(4)]
    assert torch.equal(x, before)


@pytest.mark.parametrize(("factor", "error"), [(1.01, 0.01 / 1.01), (0.5, 0.5), (-1.0, 2.0), (0.0, 1.0)])
def test_a_wrong_slope_is_as_wrong_as_it_is(factor: float, error: float) -> None:
    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    found = compared(lambda t: t.exp().sum(), x, factor * x.exp())
    steepest = max(found, key=lambda c: c.numeric)
    assert steepest.error == pytest.approx(error, rel=1e-6)
    assert not any(c.kink for c in found)


@pytest.mark.parametrize("at", [0.0, 2e-6, -4e-6])
@pytest.mark.parametrize("slope", ["right", "left", "none"])
def test_a_corner_is_told_from_an_error(at: float, slope: str) -> None:
    x = torch.tensor([at, 1.0], dtype=torch.float64)
    given = {"right": 1.0, "left": 0.0, "none": 5.0}[slope]
    if at:
        given = 5.0 if slope == "none" else float(at > 0)
    found = {
        c.place: c
        for c in compared(lambda t: t.relu().sum(), x, torch.tensor([given, 1.0], dtype=torch.float64))
    }
    assert found[1,].error < 1e-9
    assert found[0,].kink is (slope != "none")
    assert slope != "none" or found[0,].error > 0.5


def test_slopes_below_the_arithmetic_are_weak() -> None:
    x = torch.ones(3, dtype=torch.float64)
    found = compared(lambda t: 1.0 + 1e-12 * t.sum(), x, torch.full((3,), 5e-12, dtype=torch.float64))
    assert all(c.weak for c in found)
    assert not any(
        c.weak for c in compared(lambda t: 1e-12 * t.sum(), x, torch.full((3,), 1e-12, dtype=torch.float64))
    )


def test_a_slope_that_is_no_number_is_wrong() -> None:
    x = torch.ones(1, dtype=torch.float64)
    assert compared(lambda t: t.sum(), x, torch.full((1,), torch.nan, dtype=torch.float64))[0].error == float(
        "inf"
    )


def test_a_settled_net_gives_the_same_twice_and_normalizes_over_the_batch() -> None:
    net = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.RReLU(), nn.Dropout(0.5))
    settle(net)
    x = 3 + torch.randn(32, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(net(x), net(x))
    assert net[1](net[0](x)).mean(0).abs().max() < 1e-5


def test_where_differences_do_not_settle_nothing_is_accused() -> None:
    x = torch.tensor([0.0], dtype=torch.float64)
    jagged = compared(
        lambda t: (1e-2 * (t * 3e5).sin()).sum() + t.sum(), x, torch.tensor([50.0], dtype=torch.float64)
    )
    assert jagged[0].kink and jagged[0].error > 0.5
