"""Stochastic depth on residual branches and fractional max pooling, against the papers' rules and torch's own
pooling.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from helpers.parameter_tables import build, table_of
from torch import nn

from dnnlab.nn.layers.residual import Residual


def branch(index: int, count: int, **keys: Any) -> Any:
    return build({"name": "stochastic_depth", **keys}, table_of("stochastic_depth", {})).on_branch(
        f"block{index}", index, count
    )


@pytest.mark.parametrize(
    ("rate", "survival"), [(0.5, [0.875, 0.75, 0.625, 0.5]), (0.2, [0.95, 0.9, 0.85, 0.8])]
)
def test_stochastic_depth_has_the_linear_rule_of_the_paper(rate: float, survival: list[float]) -> None:
    """p_l = 1 - l / L (1 - p_L), Huang et al. 2016, equation 4."""
    rows = 20_000
    for index, kept in enumerate(survival, start=1):
        torch.manual_seed(index)
        outputs = branch(index, 4, rate=rate).train()(torch.ones(rows, 2, 3, 3))
        whole = outputs[:, 0, 0, 0]
        assert torch.equal(
            outputs, whole[:, None, None, None].expand_as(outputs)
        )  # a row's branch as a whole
        assert whole.unique().tolist() == pytest.approx([0.0, 1 / kept])
        assert float((whole > 0).float().mean()) == pytest.approx(
            kept, abs=5 * math.sqrt(kept * (1 - kept) / rows)
        )


def test_stochastic_depth_leaves_the_shortcut_and_does_nothing_in_evaluation() -> None:
    block = Residual(nn.Identity(), None, branch(1, 1, rate=0.5))
    inputs = torch.randn(200, 3)
    ratios = (block.train()(inputs) / inputs).round(decimals=4)
    assert ratios.unique().tolist() == [1.0, 3.0]  # x, or x + 2 x
    assert torch.equal(block.eval()(inputs), 2 * inputs)
    assert branch(1, 1, rate=0.0) is None


def pool(**keys: Any) -> Any:
    return build({"name": "fractional_max_pool", **keys}, table_of("fractional_max_pool", {})).on_pool(
        "pool1"
    )


@pytest.mark.parametrize("ratio", [1.2, 1.414, 1.26, 1.9])
@pytest.mark.parametrize("size", [(2, 3), (8, 8), (25, 18), (36, 29)])
def test_fractional_pooling_has_the_sizes_of_torch(ratio: float, size: tuple[int, int]) -> None:
    inputs = torch.randn(2, 3, *size)
    theirs = nn.FractionalMaxPool2d(2, output_ratio=1 / ratio)(inputs)
    assert list(theirs.shape[2:]) == [math.floor(side / ratio) for side in size]  # Graham 2014
    for training in (True, False):
        assert pool(ratio=ratio).train(training)(inputs).shape == theirs.shape


def test_fractional_pooling_takes_the_values_and_slopes_of_torch_for_the_same_regions() -> None:
    ours, theirs = (
        torch.randn(2, 3, 9, 11, generator=torch.Generator().manual_seed(1)).requires_grad_()
        for _ in range(2)
    )
    module = pool(ratio=1.5)
    for training in (True, False):
        torch.manual_seed(3)
        outputs = module.train(training)(ours)
        torch.manual_seed(3)
        regions = torch.rand(2, 3, 2) if training else module.regions.expand(2, 3, 2)
        expected = nn.functional.fractional_max_pool2d(theirs, 2, (6, 7), _random_samples=regions)
        assert torch.equal(outputs, expected)
        weights = torch.randn_like(outputs)
        (ours.grad,) = torch.autograd.grad(outputs, ours, weights)
        (theirs.grad,) = torch.autograd.grad(expected, theirs, weights)
        assert torch.allclose(ours.grad, theirs.grad)


def test_fractional_pooling_draws_in_training_and_is_fixed_in_evaluation() -> None:
    inputs = torch.arange(2 * 2 * 100.0).view(2, 2, 10, 10)
    module, twin = pool(), pool()
    drawn = [module.train()(inputs) for _ in range(20)]
    assert len({tuple(d.flatten().tolist()) for d in drawn}) > 10
    assert any(not torch.equal(d[0, 0], d[1, 0] - 200) for d in drawn)  # each row has regions of its own
    still = module.eval()(inputs)
    assert torch.equal(still, module(inputs)) and torch.equal(still, twin.eval()(inputs))
    assert torch.equal(module(inputs[1:]), still[1:])  # whatever else is in the batch
    assert torch.equal(still[0, 0], still[1, 1] - 300)
    assert module.state_dict() == {}
