"""Clipping against the numbers of its definitions and torch's own functions."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from dnnlab import registry
from dnnlab.errors import ConfigError


def with_gradients(*gradients: list[float]) -> list[nn.Parameter]:
    params = []
    for gradient in gradients:
        params.append(nn.Parameter(torch.zeros(len(gradient))))
        params[-1].grad = torch.tensor(gradient)
    return params


def clipped(name: str, threshold: float, *gradients: list[float]) -> tuple[float, list[list[float]]]:
    params = with_gradients(*gradients)
    norm = registry.build("gradient_clipping", {"name": name, "threshold": threshold})(params)
    return norm.item(), [p.grad.tolist() for p in params]


def test_value_cuts_number_by_number():
    norm, (gradient,) = clipped("value", 1.0, [0.9, 100.0])
    assert gradient == [pytest.approx(0.9), 1.0]
    assert norm == pytest.approx(100.00405, rel=1e-7)
    assert clipped("value", 0.25, [-3.0, 0.125], [1.0])[1] == [[-0.25, 0.125], [0.25]]


def test_norm_shortens_each_tensor():
    _, (gradient,) = clipped("norm", 1.0, [0.9, 100.0])
    assert gradient == [pytest.approx(0.00899964, abs=5e-9), pytest.approx(0.9999595, abs=5e-8)]
    norm, gradients = clipped("norm", 1.0, [3.0, 4.0], [0.3, 0.4])
    assert gradients == [pytest.approx([0.6, 0.8]), pytest.approx([0.3, 0.4])]
    assert norm == pytest.approx((25 + 0.25) ** 0.5)


def test_global_norm_shortens_all_by_one_factor():
    norm, gradients = clipped("global_norm", 6.5, [3.0, 4.0], [12.0])
    assert norm == pytest.approx(13.0)
    assert gradients == [pytest.approx([1.5, 2.0]), pytest.approx([6.0])]
    assert clipped("global_norm", 14.0, [3.0, 4.0], [12.0])[1] == [[3.0, 4.0], [12.0]]


def random_gradients(seed: int) -> list[nn.Parameter]:
    generator = torch.Generator().manual_seed(seed)
    params = [nn.Parameter(torch.zeros(*shape)) for shape in ((30, 20), (30,), (4, 3, 5, 5))]
    for param in params:
        param.grad = torch.randn(param.shape, generator=generator)
    return params


@pytest.mark.parametrize("threshold", [1e-6, 0.5, 3.0, 1e3])
def test_same_as_torch(threshold):
    ours, theirs = random_gradients(0), random_gradients(0)
    norm = registry.build("gradient_clipping", {"name": "global_norm", "threshold": threshold})(ours)
    torch.testing.assert_close(norm, nn.utils.clip_grad_norm_(theirs, threshold))
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-5, atol=1e-12)
    ours, theirs = random_gradients(1), random_gradients(1)
    registry.build("gradient_clipping", {"name": "value", "threshold": threshold})(ours)
    nn.utils.clip_grad_value_(theirs, threshold)
    assert all(torch.equal(a.grad, b.grad) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("threshold", [1e-3, 0.1, 1.0])
def test_thresholds_are_respected(threshold):
    measures = {
        "value": lambda grads: max(g.abs().max() for g in grads),
        "norm": lambda grads: max(g.norm() for g in grads),
        "global_norm": lambda grads: torch.stack([g.norm() for g in grads]).norm(),
    }
    for name, measure in measures.items():
        params = random_gradients(2)
        registry.build("gradient_clipping", {"name": name, "threshold": threshold})(params)
        assert measure([p.grad.double() for p in params]).item() == pytest.approx(threshold, rel=1e-6), name


@pytest.mark.parametrize("name", ["norm", "global_norm"])
def test_a_gradient_that_is_not_finite_stays_visible(name):
    norm, (gradient,) = clipped(name, 1.0, [float("inf"), 1.0])
    assert norm == float("inf")
    assert gradient[0] != gradient[0]


def test_threshold_must_be_positive():
    with pytest.raises(ConfigError) as caught:
        registry.bind("gradient_clipping", {"name": "norm", "threshold": 0})
    assert str(caught.value) == "gradient_clipping.threshold: received 0; expected a number > 0"
