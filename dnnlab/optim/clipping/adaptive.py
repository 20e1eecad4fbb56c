"""Adaptive gradient clipping: each unit's gradient is bounded by the length of the unit's own weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ...nn.parameter_table import ParameterInfo, ParameterTable
from ...nn.unit_norms import Units
from .functions import on_cpu, total


class AdaptiveClipping:
    """A unit's gradient longer than clipping * max(||w||, eps) is shortened to that; w: the unit's weights.

    The output layer is left alone.

    A unit is a slice along the unit axis of the parameter table. A vector (biases, gains, slopes) is one
    unit, as in the authors' code.
    """

    def __init__(self, table: ParameterTable, clipping: float, eps: float) -> None:
        self.clipping, self.eps = clipping, eps
        # By id, since hashing a tensor costs as much as a small operation on it.
        self.units = {id(e.parameter): e for e in table.entries.values() if e.layer != "output"}
        self.places: Places | None = None

    @torch.no_grad()
    def __call__(self, params: Iterable[Any], *, measure: bool = True) -> Tensor | None:
        """Clip in place. With `measure`, returns the norm of all gradients before."""
        there = [p for p in params if p.grad is not None]
        before = total([p.grad for p in there]) if measure else None
        bounded = [p for p in there if id(p) in self.units]
        if bounded:
            names = [id(p) for p in bounded]
            if (
                self.places is None or self.places.names != names
            ):  # in nearly every step it is the same parameters that have a gradient
                self.places = Places(names, bounded, self.units)
            self.clip(self.places, [p.grad for p in bounded])
        return before

    def clip(self, places: Places, grads: list[Tensor]) -> None:
        """Shorten gradients in place."""
        lengths = places.lengths.measure(grads)  # before the weights are looked at: gradients are still near
        limits = places.own.measure(places.weights).clamp_min_(self.eps).mul_(self.clipping)
        factors = torch.div(limits, lengths, out=places.factors)
        if not on_cpu(grads) or not factors.min().item() >= 1:
            factors.clamp_max_(1.0)  # exactly 1 for a unit within its limit, which so keeps its bits
            torch._foreach_mul_(grads, places.factors_of)


class Places:
    """Where the results stand for some parameters, known by the ids `names`."""

    def __init__(
        self, names: Sequence[int], params: Sequence[Tensor], units: Mapping[int, ParameterInfo]
    ) -> None:
        self.names = list(names)
        axes = [None if p.ndim < 2 else units[name].unit_axis for name, p in zip(names, params, strict=True)]
        self.weights = [p.detach() for p in params]  # operations that autograd has no part in are quicker
        self.own, self.lengths = Units(self.weights, axes), Units(self.weights, axes)
        self.factors = torch.empty_like(self.own.lengths)
        self.factors_of = self.own.factors(self.factors)
