"""Convolutions that keep the size with kernels of even sides: torch's numbers, without its warning."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import nn

from dnnlab.nn.layers.linear_maps import Conv


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("groups", [1, 2])
def test_same_padding_is_torchs(kernel: int, groups: int) -> None:
    own, theirs = Conv(2, 4, kernel, groups=groups), nn.Conv2d(2, 4, kernel, padding="same", groups=groups)
    own.load_state_dict(theirs.state_dict())
    inputs = torch.randn(3, 2, 7, 5, generator=torch.Generator().manual_seed(0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = theirs(inputs)
    torch.testing.assert_close(own.linear(inputs), expected)
