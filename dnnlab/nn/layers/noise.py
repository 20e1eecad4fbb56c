"""Noise on what flows through a net. Draws come from the device's default generator."""

from __future__ import annotations

import math
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn


@runtime_checkable
class HasAmount(Protocol):
    """A source of randomness in a net, by the number that a config gives it."""

    amount: float
    """The rate of a dropout, the standard deviation of a noise. The layer table shows it."""


class GaussianNoise(nn.Module):
    """x + std * N(0, 1) in training, x in evaluation. Shapes: any to the same."""

    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = self.amount = std

    def forward(self, inputs: Tensor) -> Tensor:
        """The same shape."""
        return inputs + self.std * torch.randn_like(inputs) if self.training else inputs


class GaussianDropout(nn.Module):
    """x * N(1, rate / (1 - rate)) in training, x in evaluation: the mean and the variance of dropout.

    Shapes: any to the same.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = self.amount = rate
        self.std = math.sqrt(rate / (1 - rate))

    def forward(self, inputs: Tensor) -> Tensor:
        """The same shape."""
        return inputs * torch.randn_like(inputs).mul_(self.std).add_(1) if self.training else inputs
