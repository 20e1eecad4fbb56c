"""Penalties against numbers worked out by hand, against autograd, torch's weight decay and Keras."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.parameter_tables import build, table_of, weight
from torch import Tensor, nn

from dnnlab.nn.regularizers.penalty import with_slopes

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "regularizers.json").read_text())


def applied(penalty: Any, *weights: Tensor) -> tuple[float, list[Any]]:
    """The value and the slopes, None where there is none."""
    for w in weights:
        w.grad = None
    value = penalty.value()
    penalty.add_slopes()
    return float(value), [None if w.grad is None else w.grad.tolist() for w in weights]


def test_penalties_by_hand() -> None:
    a, b = weight([[1.0, -2.0], [0.0, 3.0]]), weight([[0.5, -0.5]])
    l1 = build({"name": "l1", "strength": 0.1}, table_of("l1", {"a": a, "b": b}, b={"l1": 2.0}))
    assert applied(l1, a, b) == (pytest.approx(0.1 * 6 + 2.0 * 1), [[[0.1, -0.1], [0.0, 0.1]], [[2.0, -2.0]]])
    l2 = build({"name": "l2", "strength": 0.1}, table_of("l2", {"a": a, "b": b}, b={"l2": 0}))
    value, (of_a, of_b) = applied(l2, a, b)
    assert value == pytest.approx(0.05 * (1 + 4 + 9))
    assert torch.allclose(torch.tensor(of_a).double(), 0.1 * a) and of_b is None


def test_l1_l2_is_both_and_a_layer_s_own_strength_takes_the_place_of_one_term() -> None:
    a, b = weight([[1.0, -2.0]]), weight([[3.0, -1.0]])
    both = build({"name": "l1_l2", "l1": 0.1, "l2": 0.4}, table_of("l1_l2", {"a": a, "b": b}, b={"l2": 0.7}))
    value, slopes = applied(both, a, b)
    assert value == pytest.approx(0.1 * 3 + 0.2 * 5 + 0.1 * 4)
    assert slopes == [[pytest.approx([0.5, -0.9])], [pytest.approx([0.1, -0.1])]]


@pytest.mark.parametrize("case", GOLDEN["penalties"], ids=lambda case: case["part"]["name"])
def test_penalties_are_those_of_keras(case: Any) -> None:
    weights = {"a": weight(GOLDEN["dense"][:3]), "b": weight(GOLDEN["kernel"])}
    value, slopes = applied(build(case["part"], table_of(case["part"]["name"], weights)), *weights.values())
    assert value == pytest.approx(case["value"], rel=1e-12)
    for ours, theirs in zip(slopes, case["slopes"], strict=True):
        assert torch.allclose(
            torch.tensor(ours, dtype=torch.float64), torch.tensor(theirs, dtype=torch.float64), rtol=1e-12
        )


@pytest.mark.parametrize("case", GOLDEN["penalties"], ids=lambda case: case["part"]["name"])
def test_penalties_have_the_slope_that_autograd_finds(case: Any) -> None:
    weights = {"a": weight(GOLDEN["dense"]), "b": weight(GOLDEN["kernel"])}
    value, slopes = applied(build(case["part"], table_of(case["part"]["name"], weights)), *weights.values())
    plain = sum(case["l1"] * w.abs().sum() + case["l2"] / 2 * w.square().sum() for w in weights.values())
    assert value == pytest.approx(float(plain.detach()), rel=1e-12)
    for ours, theirs in zip(slopes, torch.autograd.grad(plain, weights.values()), strict=True):
        assert torch.allclose(torch.tensor(ours, dtype=torch.float64), theirs, rtol=1e-12)


def test_l2_is_the_weight_decay_of_sgd() -> None:
    ours, theirs = (nn.Linear(3, 2, bias=False, dtype=torch.float64) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    penalty = build({"name": "l2", "strength": 0.2}, table_of("l2", {"a": ours.weight}))
    decayed = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9, weight_decay=0.2)
    plain = torch.optim.SGD(ours.parameters(), lr=0.1, momentum=0.9)
    inputs = torch.linspace(-1, 1, 12, dtype=torch.float64).view(4, 3)
    for _ in range(10):
        for net, optimizer, extra in ((ours, plain, penalty.add_slopes), (theirs, decayed, lambda: None)):
            optimizer.zero_grad()
            net(inputs).sin().mean().backward()
            extra()
            optimizer.step()
    assert torch.allclose(ours.weight, theirs.weight, rtol=1e-12)


def test_frozen_weights_have_no_penalty() -> None:
    frozen = weight([[1.0]]).requires_grad_(False)
    assert applied(build("l2", table_of("l2", {"a": frozen})), frozen) == (0.0, [None])


def test_a_function_is_a_penalty_with_the_slope_of_autograd() -> None:
    w = weight([[1.0, -2.0]])
    w.grad = torch.ones_like(w)
    penalty = with_slopes(lambda: w.pow(4).sum())
    assert float(penalty.value()) == 17.0 and not penalty.value().requires_grad
    penalty.add_slopes()
    assert w.grad.tolist() == [[5.0, -31.0]]
    with_slopes(lambda: torch.zeros(())).add_slopes()  # it concerns no weight
    assert w.grad.tolist() == [[5.0, -31.0]]
