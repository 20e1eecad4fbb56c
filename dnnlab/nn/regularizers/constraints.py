"""What weights must hold after every update. A unit that holds it keeps every bit, and so does a frozen layer.

The lengths of all units of all layers are compared in one vector: small tensors cost calls, not arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..table import Entry, ParameterTable


class MaxNorm:
    """After a call no unit's incoming weights are longer than its layer's limit."""

    def __init__(self, table: ParameterTable, limit: float) -> None:
        limits = {e.name: table.value("max_norm", e.layer, limit) for e in table.trained_weights()}
        self.units = Units([e for e in table.trained_weights() if limits[e.name] is not None])
        self.limits = self.units.spread([limits[name] for name in self.units.names])
        # A few roundings below the limit, so that a second call finds nothing to do.
        self.targets = self.limits * (1 - 4 * torch.finfo(self.limits.dtype).eps)

    @torch.no_grad()
    def __call__(self) -> None:
        norms = self.units.norms()
        self.units.scale_(torch.where(norms > self.limits, self.targets / norms, 1.0))


class UnitNorm:
    """After a call every unit's incoming weights have length 1, to a few roundings; a unit without any weight stays so."""

    def __init__(self, table: ParameterTable) -> None:
        self.units = Units(table.trained_weights())

    @torch.no_grad()
    def __call__(self) -> None:
        norms = self.units.norms()
        near = 16 * torch.finfo(norms.dtype).eps  # so that a second call finds nothing to do
        self.units.scale_(torch.where(((norms - 1).abs() <= near) | (norms == 0), 1.0, 1 / norms))


class NonNegative:
    """After a call no weight is below 0."""

    def __init__(self, table: ParameterTable) -> None:
        self.weights: list[Tensor] = [entry.parameter for entry in table.trained_weights()]

    @torch.no_grad()
    def __call__(self) -> None:
        if self.weights:
            torch._foreach_clamp_min_(self.weights, 0.0)


class Units:
    """The units of some layers, one after the other: the places of a vector that is as long as there are units."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.names = [e.name for e in entries]
        self.weights: list[Tensor] = [e.parameter for e in entries]
        self._axes = [e.unit_axis % e.parameter.ndim for e in entries]
        self._others = [[i for i in range(w.ndim) if i != axis] for w, axis in zip(self.weights, self._axes, strict=True)]
        self._counts = [w.shape[axis] for w, axis in zip(self.weights, self._axes, strict=True)]
        self._shapes = [[-1 if i == axis else 1 for i in range(w.ndim)] for w, axis in zip(self.weights, self._axes, strict=True)]

    def norms(self) -> Tensor:
        """The length of each unit's incoming weights; the kernel's places and the input channels of a filter count together."""
        lengths = [torch.linalg.vector_norm(w, dim=others) for w, others in zip(self.weights, self._others, strict=True)]
        return torch.cat(lengths) if lengths else torch.empty(0)

    def scale_(self, factors: Tensor) -> None:
        """Multiply each unit's incoming weights, in place; a factor of 1 leaves every bit."""
        if self.weights:
            pieces = torch.split(factors, self._counts)
            torch._foreach_mul_(self.weights, [piece.view(shape) for piece, shape in zip(pieces, self._shapes, strict=True)])

    def spread(self, numbers: Sequence[float]) -> Tensor:
        """One number a layer, repeated for each of its units."""
        if not self.weights:
            return torch.empty(0)
        like = self.weights[0]
        return torch.cat([like.new_full((n,), x) for n, x in zip(self._counts, numbers, strict=True)])
