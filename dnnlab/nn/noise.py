"""Noise on what flows through a net."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class GaussianNoise(nn.Module):
    """x + std * N(0, 1) in training, x in evaluation. Shapes: any to the same."""

    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = std

    def forward(self, inputs: Tensor) -> Tensor:
        """Draws from the device's default generator."""
        return inputs + self.std * torch.randn_like(inputs) if self.training else inputs
