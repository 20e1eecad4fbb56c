"""Convolutions with Keras' "same", groups and dilation: sizes and numbers beside second sources."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from helpers.seeded_nets import network_of

from dnnlab.assembly.network.conv_shapes import reach, window_count
from dnnlab.errors import ConfigError
from dnnlab.nn.layers.linear_maps import Conv, keras_border


@pytest.mark.parametrize("padding", ["same", "same_keras"])
def test_sizes_are_those_that_are_walked_without_torch(padding: str) -> None:
    for kernel, stride, dilation, side in itertools.product(range(1, 6), range(1, 4), (1, 2), range(5, 10)):
        if padding == "same" and stride > 1:
            continue
        layer = Conv(2, 4, kernel, stride, padding, groups=2, dilation=dilation)
        outputs = layer(torch.zeros(1, 2, side, side + 1))
        window = reach(kernel, dilation)
        assert outputs.shape[2:] == tuple(window_count(n, window, stride, padding) for n in (side, side + 1))


def test_the_odd_zero_of_keras_comes_last() -> None:
    assert keras_border(6, 3, 2) == (0, 1) and keras_border(7, 3, 2) == (1, 1)
    assert keras_border(5, 2, 1) == (0, 1) and keras_border(9, 1, 3) == (0, 0)
    layer, inputs = Conv(1, 1, 3, 2, "same_keras"), torch.arange(36.0).reshape(1, 1, 6, 6)
    layer.weight.data.fill_(1.0)
    assert torch.equal(layer(inputs), F.conv2d(F.pad(inputs, (0, 1, 0, 1)), layer.weight, layer.bias, 2))


def test_groups_and_dilation_are_those_of_torch() -> None:
    layers = [{"name": "conv", "channels": 6, "groups": 3, "dilation": 2, "stride": 2}, "global_average_pool"]
    network = network_of(
        (3, 9, 9), architecture={"name": "sequential", "layers": layers}, activation="identity"
    )
    conv = network.net.conv1
    inputs = torch.randn(2, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    expected = F.conv2d(inputs, conv.weight, conv.bias, 2, 2, 2, 3)
    assert conv.weight.shape == (6, 1, 3, 3)
    torch.testing.assert_close(conv(inputs), expected)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"groups": 2, "channels": 6}, "2 groups do not divide the channels before it, 3"),
        ({"groups": 3, "channels": 4}, "3 groups do not divide channels, 4"),
    ],
)
def test_groups_that_do_not_divide(keys: Any, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        network_of((3, 9, 9), architecture={"name": "sequential", "layers": [{"name": "conv", **keys}]})
    assert str(caught.value) == (
        f"architecture.layers.0.groups: {said}; expected a divisor of both; groups: 1"
    )


def test_bfloat16_with_keras_padding_and_dilation() -> None:
    """Where torch's kernels are wrong in bf16 the layer computes in float32, behind the border too."""
    for stride, dilation in ((2, 1), (3, 1), (1, 2)):
        layer = Conv(2, 3, 3, stride, "same_keras", dilation=dilation)
        with torch.no_grad():
            layer.weight.normal_(generator=torch.Generator().manual_seed(1))
        inputs = torch.randn(4, 2, 8, 8, generator=torch.Generator().manual_seed(0))
        exact = layer(inputs)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            near = layer(inputs)
        torch.testing.assert_close(near.float(), exact, rtol=0.05, atol=0.1)
