"""Rows of the probes. Each waits for the device once."""

from __future__ import annotations

from typing import Any

import torch

from .captured import Captured


@torch.no_grad()
def update_ratios(captured: Captured) -> dict[str, Any]:
    """||after - before|| / ||before|| of each weight; None for a weight that was all zeros, where no ratio is defined."""
    assert captured.sizes is not None and captured.changes is not None
    sizes = _numbers(list(captured.sizes.values()))
    changes = _norms(list(captured.changes.values()))
    ratios = {name: change / size if size != 0 else None for name, change, size in zip(captured.changes, changes, sizes, strict=True)}
    return {"step": captured.step, "epoch": captured.epoch, "ratios": ratios}


@torch.no_grad()
def gradient_norms(captured: Captured) -> dict[str, Any]:
    """The norm of the gradient of each layer, all its parameters together."""
    assert captured.gradients is not None
    squares: dict[str, float] = {}
    for name, norm in zip(captured.gradients, _norms(list(captured.gradients.values())), strict=True):
        layer = name.rpartition(".")[0] or name
        squares[layer] = squares.get(layer, 0.0) + norm**2
    norms = {layer: square**0.5 for layer, square in squares.items()}
    return {"step": captured.step, "epoch": captured.epoch, "norms": norms}


def _norms(tensors: list[torch.Tensor]) -> list[float]:
    return _numbers(list(torch._foreach_norm(tensors))) if tensors else []


def _numbers(scalars: list[torch.Tensor]) -> list[float]:
    numbers: list[float] = torch.stack(scalars).tolist() if scalars else []
    return numbers
