"""Convolutions in bf16 on the CPU: the slope of each number of a kernel, also of those that never see a pixel."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from dnnlab.nn.layers import Conv

SCRATCH = 300_000  # numbers of a freed block, which a kernel that leaves out a place would find there


def slopes(layer: Conv, inputs: torch.Tensor) -> torch.Tensor:
    """The slope of the sum of squares by the weights, computed in bf16."""
    layer.weight.grad = None
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = layer.linear(inputs)
    outputs.float().square().sum().backward()
    assert layer.weight.grad is not None
    return layer.weight.grad


@pytest.mark.parametrize("form", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding"),
    [((1, 1), 3, 2, 1), ((2, 1), 3, 2, 1), ((2, 2), 3, 3, 1), ((3, 3), 5, 4, 2), ((2, 2), 3, 2, 1), ((1, 1), 3, 1, 1), ((5, 5), 3, 2, 1)],
)
def test_slopes_are_those_of_float64(size: tuple[int, int], kernel: int, stride: int, padding: int, form: torch.memory_format) -> None:
    torch.manual_seed(0)
    layer = Conv(16, 32, kernel, stride, padding)
    torch.nn.init.normal_(layer.weight)
    layer = layer.to(memory_format=form)  # type: ignore[call-overload]
    inputs = torch.randn(4, 16, *size).to(memory_format=form)
    exact = layer.weight.detach().double().requires_grad_()
    F.conv2d(inputs.double(), exact, stride=stride, padding=padding).square().sum().backward()
    assert exact.grad is not None
    for number in (1e30, -7e5, 3.0):
        scratch = [torch.full((SCRATCH // share,), number) for share in range(1, 30)]
        del scratch
        found = slopes(layer, inputs).double()
        assert (found - exact.grad).norm() <= 0.02 * exact.grad.norm()  # bf16 has 8 bits
        assert bool((found[exact.grad == 0] == 0).all())
