"""Convolutions in bf16 on the CPU, also those that the library below gets wrong."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from dnnlab.nn.layers.linear_maps import Conv

SCRATCH = 300_000  # numbers of a freed block, which a kernel that leaves out a place would find there


# (size, kernel, stride, padding, channels)
GEOMETRIES = [
    ((1, 1), 3, 2, 1, 16),
    ((2, 1), 3, 2, 1, 16),
    ((2, 2), 3, 3, 1, 16),
    ((3, 3), 5, 4, 2, 16),
    ((2, 2), 9, 1, 4, 128),
    ((4, 4), 4, 4, 0, 16),
    ((14, 14), 7, 7, 3, 32),
    ((13, 8), 8, 8, 0, 8),
    ((15, 1), 1, 4, 0, 5),
    ((14, 10), 3, 7, 3, 96),
    ((2, 2), 3, 2, 1, 16),
    ((1, 1), 3, 1, "same", 16),
    ((5, 5), 3, 2, 1, 16),
]


def computed(layer: Conv, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The outputs in bf16, and the slope of the sum of their squares by the weights."""
    layer.weight.grad = None
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = layer.linear(inputs).float()
    outputs.square().sum().backward()
    assert layer.weight.grad is not None
    return outputs.detach().double(), layer.weight.grad.double()


@pytest.mark.parametrize("form", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(("size", "kernel", "stride", "padding", "channels"), GEOMETRIES)
def test_outputs_and_slopes_are_those_of_float64(
    size: tuple[int, int],
    kernel: int,
    stride: int,
    padding: int | str,
    channels: int,
    form: torch.memory_format,
) -> None:
    torch.manual_seed(0)
    layer = Conv(channels, 8, kernel, stride, padding, bias=False)
    torch.nn.init.normal_(layer.weight)
    layer = layer.to(memory_format=form)  # type: ignore[call-overload]
    inputs = torch.randn(2, channels, *size).to(memory_format=form)
    weight = layer.weight.detach().double().requires_grad_()
    exact = F.conv2d(inputs.double(), weight, stride=stride, padding=padding)
    exact.square().sum().backward()
    assert weight.grad is not None
    for number in (1e30, -7e5, 3.0):
        scratch = [torch.full((SCRATCH // share,), number) for share in range(1, 30)]
        del scratch
        outputs, slope = computed(layer, inputs)
        assert (outputs - exact).norm() <= 0.02 * exact.norm()  # bf16 has 8 bits
        assert (slope - weight.grad).norm() <= 0.02 * weight.grad.norm()
        assert bool((slope[weight.grad == 0] == 0).all())
