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
        norms = self.units.measure()
        self.units.scale_(norms > self.limits, self.targets / norms)


class UnitNorm:
    """After a call every unit's incoming weights have length 1, to a few roundings; a unit without any weight stays so."""

    def __init__(self, table: ParameterTable) -> None:
        self.units = Units(table.trained_weights())

    @torch.no_grad()
    def __call__(self) -> None:
        norms = self.units.measure()
        off = (norms - 1).abs() > 16 * torch.finfo(norms.dtype).eps  # so that a second call finds nothing to do
        self.units.scale_(off.logical_and_(norms > 0), norms.reciprocal())


class NonNegative:
    """After a call no weight is below 0."""

    def __init__(self, table: ParameterTable) -> None:
        self.weights: list[Tensor] = [entry.parameter for entry in table.trained_weights()]

    @torch.no_grad()
    def __call__(self) -> None:
        if self.weights:
            torch._foreach_clamp_min_(self.weights, 0.0)


class Units:
    """The units of some layers, one after the other: the places of vectors that are as long as there are units. They are made once."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.names = [e.name for e in entries]
        self.weights: list[Tensor] = [e.parameter for e in entries]
        axes = [e.unit_axis % e.parameter.ndim for e in entries]
        self._others = [[i for i in range(w.ndim) if i != axis] for w, axis in zip(self.weights, axes, strict=True)]
        self._counts = [w.shape[axis] for w, axis in zip(self.weights, axes, strict=True)]
        self._ones = self.spread([1.0] * len(entries))
        self._norms, self._factors = self._ones.clone(), self._ones.clone()
        self._norms_of = self._norms.split(self._counts) if entries else ()  # type: ignore[no-untyped-call]
        shapes = [[-1 if i == axis else 1 for i in range(w.ndim)] for w, axis in zip(self.weights, axes, strict=True)]
        pieces = self._factors.split(self._counts) if entries else ()  # type: ignore[no-untyped-call]
        self._factors_of = [piece.view(shape) for piece, shape in zip(pieces, shapes, strict=True)]

    def measure(self) -> Tensor:
        """The length of each unit's incoming weights; the kernel's places and the input channels of a filter count together."""
        for weight, others, norms in zip(self.weights, self._others, self._norms_of, strict=True):
            torch.linalg.vector_norm(weight, dim=others, out=norms)
        return self._norms

    def scale_(self, where: Tensor, factors: Tensor) -> None:
        """Multiply the incoming weights of the units `where` it is true, in place; the others keep every bit."""
        if self.weights:
            torch.where(where, factors, self._ones, out=self._factors)
            torch._foreach_mul_(self.weights, self._factors_of)

    def spread(self, numbers: Sequence[float]) -> Tensor:
        """One number a layer, repeated for each of its units."""
        if not self.weights:
            return torch.empty(0)
        like = self.weights[0]
        return torch.cat([like.new_full((n,), x) for n, x in zip(self._counts, numbers, strict=True)])
