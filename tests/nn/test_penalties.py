"""Penalties and max-norm against numbers worked out by hand, and against torch's own."""

from __future__ import annotations

import pytest
import torch
from parameter_tables import build, table_of, weight
from torch import nn

from dnnlab.nn.regularizers.max_norm import shorten_


def test_penalties_by_hand() -> None:
    a, b = weight([[1.0, -2.0], [0.0, 3.0]]), weight([[0.5, -0.5]])
    l1 = build({"name": "l1", "strength": 0.1}, table_of("l1", {"a": a, "b": b}, b={"l1": 2.0}))
    value = l1()
    value.backward()
    assert float(value.detach()) == pytest.approx(0.1 * 6 + 2.0 * 1)
    assert a.grad.tolist() == [[0.1, -0.1], [0.0, 0.1]] and b.grad.tolist() == [[2.0, -2.0]]
    a.grad = b.grad = None
    l2 = build({"name": "l2", "strength": 0.1}, table_of("l2", {"a": a, "b": b}, b={"l2": 0}))
    value = l2()
    value.backward()
    assert float(value.detach()) == pytest.approx(0.05 * (1 + 4 + 9))
    assert torch.allclose(a.grad, 0.1 * a) and b.grad is None


def test_penalties_agree_with_autograd_and_with_a_numerical_slope() -> None:
    weights = {
        "a": torch.randn(3, 4, dtype=torch.float64).requires_grad_(),
        "b": torch.randn(2, 3, 2, 2, dtype=torch.float64).requires_grad_(),
    }
    for name, plain in (("l1", lambda w: w.abs().sum()), ("l2", lambda w: w.square().sum() / 2)):
        penalty = build({"name": name, "strength": 0.3}, table_of(name, weights))
        expected = sum(0.3 * plain(w) for w in weights.values())
        assert torch.allclose(penalty(), expected)
        ours, theirs = torch.autograd.grad(penalty(), weights.values()), torch.autograd.grad(expected, weights.values())
        assert all(torch.allclose(x, y) for x, y in zip(ours, theirs, strict=True))
        assert torch.autograd.gradcheck(lambda *w, p=penalty: p(), tuple(weights.values()))


def test_l2_is_the_weight_decay_of_sgd() -> None:
    ours, theirs = (nn.Linear(3, 2, bias=False, dtype=torch.float64) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    penalty = build({"name": "l2", "strength": 0.2}, table_of("l2", {"a": ours.weight}))
    decayed = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9, weight_decay=0.2)
    plain = torch.optim.SGD(ours.parameters(), lr=0.1, momentum=0.9)
    inputs = torch.linspace(-1, 1, 12, dtype=torch.float64).view(4, 3)
    for _ in range(10):
        for net, optimizer, extra in ((ours, plain, penalty), (theirs, decayed, lambda: 0.0)):
            optimizer.zero_grad()
            (net(inputs).sin().mean() + extra()).backward()
            optimizer.step()
    assert torch.allclose(ours.weight, theirs.weight, rtol=1e-12)


def test_frozen_weights_have_no_penalty() -> None:
    frozen = weight([[1.0]]).requires_grad_(False)
    assert float(build("l2", table_of("l2", {"a": frozen}))()) == 0


def test_max_norm_by_hand() -> None:
    dense = weight([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    build({"name": "max_norm", "limit": 1.0}, table_of("max_norm", {"a": dense}))()
    assert torch.allclose(dense, torch.tensor([[0.6, 0.8], [0.3, 0.4], [0.0, 0.0]], dtype=torch.float64), rtol=1e-14)
    assert dense[1].tolist() == [0.3, 0.4]
    transposed = weight([[3.0, 0.3], [4.0, 0.4]])
    build({"name": "max_norm", "limit": 1.0}, table_of("max_norm", {"a": transposed}, axis=1))()
    assert torch.allclose(transposed, torch.tensor([[0.6, 0.3], [0.8, 0.4]], dtype=torch.float64), rtol=1e-14)


def test_max_norm_takes_a_filter_as_one_unit_and_is_that_of_torch() -> None:
    for shape in ((5, 3, 3, 3), (6, 40)):
        ours = torch.randn(shape, generator=torch.Generator().manual_seed(1))
        lengths = ours.flatten(1).norm(dim=1)
        limit = float(lengths.median())
        expected, kept = torch.renorm(ours, 2, 0, limit), ours.clone()
        shorten_(ours, 0, limit)
        assert torch.allclose(ours, expected, rtol=1e-5)
        under = lengths <= limit
        assert under.any() and not under.all()
        assert torch.equal(ours[under], kept[under])
        assert (ours.flatten(1).norm(dim=1) <= limit).all()


@pytest.mark.parametrize("limit", [1e-3, 0.37, 1.0, 12.5])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_max_norm_twice_is_max_norm_once(limit: float, dtype: torch.dtype) -> None:
    for columns in (1, 7, 784, 5000):
        matrix = torch.randn(50, columns, dtype=dtype, generator=torch.Generator().manual_seed(columns)) * 20
        shorten_(matrix, 0, limit)
        once = matrix.clone()
        shorten_(matrix, 0, limit)
        assert torch.equal(matrix, once)
        assert torch.allclose(matrix.norm(dim=1).max(), torch.tensor(limit, dtype=dtype))


def test_max_norm_has_limits_per_layer() -> None:
    a, b, c = (weight([[3.0, 4.0]]) for _ in range(3))
    table = table_of("max_norm", {"a": a, "b": b, "c": c}, b={"max_norm": 2.0})
    build("max_norm", table)()
    assert [float(w.detach().norm()) for w in (a, b, c)] == pytest.approx([1.0, 2.0, 1.0])
    table.everywhere = frozenset()
    d = table.entries["a.weight"].parameter
    with torch.no_grad():
        d.copy_(torch.tensor([[3.0, 4.0]]))
    build("max_norm", table)()
    assert d.tolist() == [[3.0, 4.0]]
