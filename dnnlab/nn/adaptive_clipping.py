"""Adaptive gradient clipping: each unit's gradient is bounded by the length of the unit's own weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from .clipping import on_cpu
from .table import Entry, ParameterTable
from .units import Units


class AdaptiveClipping:
    """A unit's gradient longer than clipping * max(||w||, eps) is shortened to that; w: the unit's weights. The output layer is left alone.

    A unit is a slice along the unit axis of the parameter table. A vector (biases, gains, slopes) is one unit, as in the authors' code.
    """

    def __init__(self, table: ParameterTable, clipping: float, eps: float) -> None:
        self.clipping, self.eps = clipping, eps
        # By id, since hashing a tensor costs as much as a small operation on it.
        self.units = {id(e.parameter): e for e in table.entries.values() if e.layer != "output"}
        self.places: Places | None = None

    @torch.no_grad()
    def __call__(self, params: Iterable[Any]) -> Tensor:
        there = [p for p in params if p.grad is not None]
        if not there:
            return torch.zeros(())
        names = [id(p) for p in there]
        if self.places is None or self.places.names != names:  # in nearly every step it is the same parameters that have a gradient
            self.places = Places(names, there, self.units)
        return self.clip(self.places, [p.grad for p in there])

    def clip(self, places: Places, grads: list[Tensor]) -> Tensor:
        """Shorten gradients in place; returns the norm of all from before."""
        own = places.own.measure(places.weights)
        lengths = places.all.measure([grads[i] for i in places.order])
        if len(own):
            limits = own.clamp_min_(self.eps).mul_(self.clipping)
            factors = torch.div(limits, lengths[: len(own)], out=places.factors)
            if not on_cpu([factors]) or not factors.min().item() >= 1:
                factors.clamp_max_(1.0)  # exactly 1 for a unit within its limit, which so keeps its bits
                torch._foreach_mul_([grads[i] for i in places.order[: len(places.weights)]], places.factors_of)
        before: Tensor = torch.linalg.vector_norm(lengths)
        return before


class Places:
    """Where results stand for some parameters, known by the ids `names`. order: of the gradients, those that are bounded first."""

    def __init__(self, names: Sequence[int], params: Sequence[Tensor], units: Mapping[int, Entry]) -> None:
        self.names = list(names)
        entries = [units.get(name) for name in names]
        bounded = [i for i, entry in enumerate(entries) if entry is not None]
        self.order = [*bounded, *(i for i, entry in enumerate(entries) if entry is None)]
        axes = [None if entry is None or entry.parameter.ndim < 2 else entry.unit_axis for entry in entries]
        self.weights = [params[i].detach() for i in bounded]  # operations that autograd has no part in are quicker
        self.own = Units(self.weights, [axes[i] for i in bounded])
        self.all = Units([params[i] for i in self.order], [axes[i] for i in self.order])
        self.factors = torch.empty_like(self.own.lengths)
        self.factors_of = self.own.factors(self.factors)
