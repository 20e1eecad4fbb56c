"""Nets whose numbers follow from their names alone, so that two libraries can hold the same net."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn


def numbers(name: str, shape: tuple[int, ...]) -> Tensor:
    """What a tensor of this name holds, in float64: He-sized weights, scales and variances around 1, shifts
    and means around 0.
    """
    drawn = np.random.default_rng(zlib.crc32(name.encode())).normal(size=shape)
    if len(shape) > 1:
        return torch.from_numpy(drawn * np.sqrt(2 / np.prod(shape[1:])))
    around = 1.0 if name.endswith(("normalization.weight", "running_var")) else 0.0
    return torch.from_numpy(around + 0.1 * np.tanh(drawn))


def fill(net: nn.Module, named: Callable[[str], str] = lambda name: name) -> nn.Module:
    """The net in float64 with these numbers. named: dnnlab's name of one of the net's tensors."""
    net = net.double()
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(numbers(named(name), tuple(tensor.shape)))
    return net


def images(rows: int, shape: tuple[int, ...]) -> Tensor:
    """Inputs, in float64."""
    return torch.from_numpy(np.random.default_rng(5).normal(size=(rows, *shape)).round(3))
