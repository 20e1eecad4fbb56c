"""Constraints against numbers worked out by hand, against torch's renorm and Keras: values, axes, and what
they leave alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.parameter_tables import build, table_of, weight
from torch import Tensor, nn

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "regularizers.json").read_text())


def limited(matrix: Tensor, limit: float) -> None:
    """Max-norm once, in place."""
    build({"name": "max_norm", "limit": limit}, table_of("max_norm", {"a": nn.Parameter(matrix)}))()


@pytest.mark.parametrize("case", GOLDEN["constraints"], ids=lambda case: case["part"]["name"])
@pytest.mark.parametrize("shape", ["dense", "kernel"])
def test_constraints_are_those_of_keras(case: Any, shape: str) -> None:
    w = weight(GOLDEN[shape])
    build(case["part"], table_of(case["part"]["name"], {"a": w}))()
    assert torch.allclose(
        w, torch.tensor(case[shape], dtype=torch.float64), rtol=1e-6
    )  # Keras adds 1e-7 to each length


def test_max_norm_by_hand() -> None:
    dense = weight([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    build({"name": "max_norm", "limit": 1.0}, table_of("max_norm", {"a": dense}))()
    assert torch.allclose(
        dense, torch.tensor([[0.6, 0.8], [0.3, 0.4], [0.0, 0.0]], dtype=torch.float64), rtol=1e-14
    )
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
        limited(ours, limit)
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
        limited(matrix, limit)
        once = matrix.clone()
        limited(matrix, limit)
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


def test_unit_norm_by_hand() -> None:
    dense = weight([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0], [0.6, 0.8]])
    kept = dense[3].tolist()
    build("unit_norm", table_of("unit_norm", {"a": dense}))()
    assert torch.allclose(dense, weight([[0.6, 0.8], [0.6, 0.8], [0.0, 0.0], [0.6, 0.8]]), rtol=1e-14)
    assert dense[3].tolist() == kept  # of length 1 already
    transposed = weight([[3.0, 0.3], [4.0, 0.4]])
    build("unit_norm", table_of("unit_norm", {"a": transposed}, axis=1))()
    assert torch.allclose(transposed, weight([[0.6, 0.6], [0.8, 0.8]]), rtol=1e-14)


@pytest.mark.parametrize("columns", [1, 7, 784, 5000])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_unit_norm_twice_is_unit_norm_once(columns: int, dtype: torch.dtype) -> None:
    matrix = nn.Parameter(
        torch.randn(50, columns, dtype=dtype, generator=torch.Generator().manual_seed(columns)) * 20
    )
    constrain = build("unit_norm", table_of("unit_norm", {"a": matrix}))
    constrain()
    once = matrix.detach().clone()
    constrain()
    assert torch.equal(matrix, once)
    assert torch.allclose(matrix.norm(dim=1), torch.ones(50, dtype=dtype))


def test_non_negative_by_hand() -> None:
    w = weight([[1.0, -2.0], [-0.0, 3.0]])
    build("non_negative", table_of("non_negative", {"a": w}))()
    assert w.tolist() == [[1.0, 0.0], [0.0, 3.0]]


@pytest.mark.parametrize("name", ["max_norm", "unit_norm", "non_negative"])
def test_constraints_leave_frozen_layers_alone_and_work_on_none(name: str) -> None:
    frozen = weight([[3.0, -4.0]]).requires_grad_(False)
    build(name, table_of(name, {"a": frozen}))()
    assert frozen.tolist() == [[3.0, -4.0]]
