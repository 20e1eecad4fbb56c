"""Small parameters and steps on drawn gradients, for tests of optimizers."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def parameters() -> list[Tensor]:
    """Weights and biases of two layers, the same in every call."""
    generator = torch.Generator().manual_seed(3)
    return [torch.randn(s, generator=generator).requires_grad_() for s in ((7, 5), (7,), (3, 7), (3,))]


def train(optimizer: Any, params: list[Tensor], steps: int) -> None:
    """Take steps on drawn gradients, the same in every call."""
    generator = torch.Generator().manual_seed(4)
    for _ in range(steps):
        for p in params:
            p.grad = torch.randn(p.shape, generator=generator)
        optimizer.step()


def group(params: list[Tensor]) -> list[dict[str, Any]]:
    """One parameter group, as a config without settings gives it."""
    return [{"params": params, "lr_factor": 1.0, "weight_decay": 0.0}]
