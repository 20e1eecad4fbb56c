"""Adaptive gradient clipping: each unit's gradient is bounded by the length of the unit's own weights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from .clipping import norms, on_cpu, total
from .table import Entry, ParameterTable


class AdaptiveClipping:
    """A unit's gradient longer than clipping * max(||w||, eps) is shortened to that; w: the unit's weights. The output layer is left alone.

    A unit is a slice along the unit axis of the parameter table. A vector (biases, gains, slopes) is one unit, as in the authors' code.
    """

    def __init__(self, table: ParameterTable, clipping: float, eps: float) -> None:
        self.clipping, self.eps = clipping, eps
        # By id, since hashing a tensor costs as much as a small operation on it.
        self.units = {id(e.parameter): Units(e) for e in table.entries.values() if e.layer != "output"}

    @torch.no_grad()
    def __call__(self, params: Iterable[Any]) -> Tensor:
        there = [(p, p.grad, self.units.get(id(p))) for p in params if p.grad is not None]
        weights = [(p, grad, units) for p, grad, units in there if units is not None and units.axes]
        vectors = [(p, grad) for p, grad, units in there if units is not None and not units.axes]
        others = [grad for _, grad, units in there if units is None]
        # One call for all short tensors: the gradients of vectors, other gradients, then the vectors themselves.
        short = norms([*(grad for _, grad in vectors), *others, *(p for p, _ in vectors)])
        if not weights and not vectors:
            return total(short)
        lengths = [torch.linalg.vector_norm(grad, dim=units.axes) for _, grad, units in weights]
        own = [torch.linalg.vector_norm(p, dim=units.axes) for p, _, units in weights]
        split = len(vectors) + len(others)
        every = joined(lengths, short[:split])
        limits = joined(own, short[split:]).clamp_min_(self.eps).mul_(self.clipping)
        ratios = every[: len(limits)] / limits
        if not on_cpu([every]) or not ratios.max().item() <= 1:
            # Exactly 1 for a unit within its limit, which so keeps its bits.
            sizes = [*(len(n) for n in lengths), *(1 for _ in vectors)]
            parts = torch.split_with_sizes(ratios.clamp_min_(1.0).reciprocal_(), sizes)
            for (_, grad, units), factors in zip(weights, parts, strict=False):
                grad.mul_(factors.view(units.shape))
            for (_, grad), factor in zip(vectors, parts[len(weights) :], strict=True):
                grad.mul_(factor)
        before: Tensor = torch.linalg.vector_norm(every)
        return before


class Units:
    """Where the units of a parameter lie: the axes of one unit's numbers, none for a vector, and the shape of one number for each unit."""

    def __init__(self, entry: Entry) -> None:
        self.parameter = entry.parameter  # so that its id stays its own
        ndim = entry.parameter.ndim
        own = entry.unit_axis % max(ndim, 1)
        self.axes = [axis for axis in range(ndim) if axis != own] if ndim > 1 else []
        self.shape = [-1 if axis == own else 1 for axis in range(ndim)]


def joined(vectors: list[Tensor], numbers: list[Tensor]) -> Tensor:
    """One vector of them all."""
    return torch.cat([*vectors, torch.stack(numbers)] if numbers else vectors)
