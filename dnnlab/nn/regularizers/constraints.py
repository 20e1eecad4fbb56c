"""What weights must hold after every update.

A unit that holds it keeps every bit, and so does a frozen layer.

The lengths of all units of all layers are compared in one vector: small tensors cost calls, not arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..parameter_table import ParameterInfo, ParameterTable
from ..unit_norms import Units


class MaxNorm:
    """After a call no unit's incoming weights are longer than its layer's limit."""

    def __init__(self, table: ParameterTable, limit: float) -> None:
        found = [
            (e, own)
            for e in table.trained_weights("max_norm")
            if (own := table.value("max_norm", e.layer, limit)) is not None
        ]
        self.layers = Layers([e for e, _ in found])
        self.limits = self.layers.units.spread([own for _, own in found])
        # A few roundings below the limit, so that a second call finds nothing to do.
        self.targets = self.limits * (1 - 4 * torch.finfo(self.limits.dtype).eps)

    @torch.no_grad()
    def __call__(self) -> None:
        """Bring the weights back within the constraint."""
        norms = self.layers.measure()
        self.layers.scale_(norms > self.limits, self.targets / norms)


class UnitNorm:
    """After a call every unit's incoming weights have length 1, to a few roundings.

    A unit without any weight stays as it is.
    """

    def __init__(self, table: ParameterTable) -> None:
        self.layers = Layers(table.trained_weights("unit_norm"))
        tolerance = (
            16 * torch.finfo(self.layers.units.lengths.dtype).eps
        )  # so that a second call finds nothing to do
        self.held = (1 - tolerance, 1 + tolerance)

    @torch.no_grad()
    def __call__(self) -> None:
        """Bring the weights back within the constraint."""
        norms = self.layers.measure()
        # 1 / the smallest normal number is finite, and times a weight of 0 still 0.
        factors = norms.clamp_min(torch.finfo(norms.dtype).tiny).reciprocal_()
        self.layers.scale_(norms.clamp(*self.held) != norms, factors)


class NonNegative:
    """After a call no weight is below 0."""

    def __init__(self, table: ParameterTable) -> None:
        self.weights: list[Tensor] = [entry.parameter.detach() for entry in table.trained_weights()]

    @torch.no_grad()
    def __call__(self) -> None:
        """Bring the weights back within the constraint."""
        if self.weights:
            torch._foreach_clamp_min_(self.weights, 0.0)


class Layers:
    """The weights of some layers, unit by unit.

    The kernel's places and the input channels of a filter count together.
    """

    def __init__(self, entries: Sequence[ParameterInfo]) -> None:
        self.weights: list[Tensor] = [
            e.parameter.detach() for e in entries
        ]  # operations that autograd has no part in are quicker
        self.units = Units(self.weights, [e.unit_axis for e in entries])
        self._ones = torch.ones_like(self.units.lengths)
        self._factors = self._ones.clone()
        self._factors_of = self.units.factors(self._factors)

    def measure(self) -> Tensor:
        """The length of each unit's incoming weights."""
        return self.units.measure(self.weights)

    def scale_(self, where: Tensor, factors: Tensor) -> None:
        """Multiply the incoming weights of the units `where` it is true; the others keep every bit."""
        if self.weights:
            torch.where(where, factors, self._ones, out=self._factors)
            torch._foreach_mul_(self.weights, self._factors_of)
