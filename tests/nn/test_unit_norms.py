"""Lengths of units in one vector, and clipping where tensors are many, large, or not always there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from dnnlab.nn.batch import Task
from dnnlab.nn.parameter_table import ParameterInfo, ParameterTable
from dnnlab.nn.unit_norms import Units
from dnnlab.optim.clipping.adaptive import AdaptiveClipping
from dnnlab.optim.clipping.functions import clip_global_norm, clip_norm


def test_each_unit_has_its_place() -> None:
    dense, vector, kernel = (
        torch.tensor([[3.0, 4.0], [5.0, 12.0]]),
        torch.tensor([6.0, 8.0]),
        torch.ones(2, 4, 2, 2),
    )
    units = Units([dense, dense, vector, kernel], [0, 1, None, -3])
    lengths = units.measure([dense, dense, vector, kernel])
    assert lengths.tolist() == pytest.approx([5.0, 13.0, 34**0.5, 160**0.5, 10.0, *[8**0.5] * 4])
    assert units.measure([2 * dense, dense, vector, kernel]) is lengths
    assert lengths[0] == 10.0
    assert [tuple(factor.shape) for factor in units.factors(lengths)] == [(2, 1), (1, 2), (), (1, 4, 1, 1)]
    assert units.spread([1.0, 2.0, 3.0, 4.0]).tolist() == [1.0, 1.0, 2.0, 2.0, 3.0, *[4.0] * 4]


def test_there_may_be_none() -> None:
    units = Units([], [])
    assert units.measure([]).numel() == units.spread([]).numel() == len(units.factors(units.lengths)) == 0


def test_layers_that_a_step_leaves_out_are_bounded_when_they_are_back() -> None:
    """Stochastic depth: a block that is skipped has no gradient in that step."""
    params = [nn.Parameter(torch.ones(2, 2)) for _ in range(3)]
    table = ParameterTable(Task("index", 2, 2))
    for i, param in enumerate(params):
        table.add(ParameterInfo(f"hidden{i}.weight", param, "weight", "output" if i == 1 else f"hidden{i}"))
    clip = AdaptiveClipping(table, clipping=0.01, eps=1e-3)
    for there in ((0, 1, 2), (1, 2), (1,), (0, 1, 2), ()):
        for i, param in enumerate(params):
            param.grad = torch.full((2, 2), 5.0) if i in there else None
        assert clip(params).item() == pytest.approx(10 * len(there) ** 0.5)
        for i in there:
            assert params[i].grad.norm().item() == pytest.approx(10.0 if i == 1 else 0.01 * 2), (there, i)  # type: ignore[union-attr]


@pytest.mark.parametrize("numbers", [9_999, 10_000])
@pytest.mark.parametrize("clip", [clip_norm, clip_global_norm])
def test_a_small_and_a_large_tensor_are_shortened_as_torch_does(
    clip: Callable[..., torch.Tensor], numbers: int
) -> None:
    ours, theirs = (nn.Parameter(torch.zeros(numbers)) for _ in range(2))
    ours.grad = torch.randn(numbers, generator=torch.Generator().manual_seed(numbers))
    theirs.grad = ours.grad.clone()
    before = clip([ours], threshold=3.0)
    assert before == torch.nn.utils.clip_grad_norm_([theirs], 3.0)
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-6, atol=0)
