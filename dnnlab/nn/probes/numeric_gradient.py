"""Gradients against centred differences, number by number.

Source: CS231n, "Gradient checks"; Press et al., Numerical Recipes, 5.7.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from ..layers.running_statistics import has_running_statistics

STEP = 1e-5
# the second step is smaller by this: an error of the gradient stays, a kink between the two points mostly
# goes
_SMALLER = 10.0
_ROUNDING = 4.0  # units in the last place that a loss may be off
_ENOUGH = 1e5  # slopes that are not this much larger than the rounding of a difference tell nothing
# of the steepest slope of a tensor: flatter ones are compared with this, since they are mostly rounding
_FLAT = 0.1
_SETTLED = 1e-2  # differences over two steps that are further apart than this say nothing of the gradient
SUSPECT = 1e-4


@dataclass(frozen=True)
class Compared:
    """One number of a tensor: its slope, and the difference that should equal it."""

    place: tuple[int, ...]
    analytic: float
    numeric: float
    error: float
    """|analytic - numeric| over the larger of the two, or over a tenth of the tensor's steepest slope."""
    kink: bool = False
    """Whether the function has a corner just there, or so many that differences do not settle."""
    weak: bool = False
    """Whether the slopes are too small for the arithmetic, so that `error` says nothing."""


def settle(net: nn.Module) -> None:
    """Make a net a function that gives the same twice.

    It is in evaluation mode, but normalizations over the batch work as in training.
    """
    net.eval()
    for module in net.modules():
        if has_running_statistics(module):
            module.train()


def places(slope: Tensor, count: int, generator: torch.Generator) -> list[int]:
    """Positions in the flattened tensor: half of them where the slope is steepest, the others drawn."""
    flat = slope.detach().flatten().abs()
    steepest = flat.topk(min(len(flat), (count + 1) // 2)).indices.tolist()
    drawn = torch.randperm(len(flat), generator=generator)[: 2 * count].tolist()
    return list(dict.fromkeys([*steepest, *drawn]))[: min(count, len(flat))]


@torch.no_grad()
def compare(
    value: Callable[[], Tensor],
    tensor: Tensor,
    slope: Tensor,
    count: int,
    generator: torch.Generator,
    size: float = 0.0,
) -> list[Compared]:
    """Compare `slope` with differences of `value`, which reads `tensor`.

    All in float64; the tensor is left as it was.

    value: () -> 0-dim tensor, the same for the same tensor. size: of the largest numbers that make it up,
    where they exceed it.
    """
    flat, slopes, base = tensor.detach().view(-1), slope.detach().flatten(), float(value())
    chosen = places(slope, count, generator)
    rounding = _ROUNDING * sys.float_info.epsilon * max(abs(base), size) / STEP
    probe = _Probe(
        value, flat, base, rounding, _FLAT * max((abs(float(slopes[place])) for place in chosen), default=0.0)
    )
    return [
        probe.compared(
            place, float(slopes[place]), tuple(int(i) for i in np.unravel_index(place, tuple(tensor.shape)))
        )
        for place in chosen
    ]


@dataclass(frozen=True)
class _Probe:
    """The quantities that all numbers of a tensor share.

    base: the value where nothing is moved. least: the smallest slope to divide by.
    """

    value: Callable[[], Tensor]
    flat: Tensor
    base: float
    rounding: float
    least: float

    def compared(self, place: int, slope: float, index: tuple[int, ...]) -> Compared:
        """With one step; where that does not fit, with a smaller one and from both sides."""
        up, down = self._at(place, STEP), self._at(place, -STEP)
        numeric = (up - down) / (2 * STEP)
        weak = max(abs(slope), abs(numeric), self.least) < _ENOUGH * self.rounding
        first = Compared(index, slope, numeric, self._error(slope, numeric), weak=weak)
        return first if weak or first.error <= SUSPECT else self._again(place, first)

    def _again(self, place: int, first: Compared) -> Compared:
        step = STEP / _SMALLER
        up, down = self._at(place, step), self._at(place, -step)
        numeric = (up - down) / (2 * step)
        error = self._error(first.analytic, numeric)
        better = replace(first, numeric=numeric, error=error) if error < first.error else first
        right, left = (up - self.base) / step, (self.base - down) / step
        room = self.rounding * _SMALLER + SUSPECT * max(abs(right), abs(left))
        corner = (
            abs(right - left) > 2 * room
            and min(right, left) - room <= first.analytic <= max(right, left) + room
        )
        settled = (
            self._error(first.numeric, numeric) <= _SETTLED
            or self._error(self._finest(place), numeric) <= _SETTLED
        )
        return replace(better, kink=corner or not settled or better.error <= SUSPECT)

    def _finest(self, place: int) -> float:
        """The difference over an even smaller step.

        Beside one corner it settles; in a very deep net it may not.
        """
        step = STEP / _SMALLER**2
        return (self._at(place, step) - self._at(place, -step)) / (2 * step)

    def _at(self, place: int, step: float) -> float:
        kept = self.flat[place].clone()
        self.flat[place] += step
        moved = float(self.value())
        self.flat[place] = kept
        return moved

    def _error(self, analytic: float, numeric: float) -> float:
        if not (math.isfinite(analytic) and math.isfinite(numeric)):
            return math.inf
        largest = max(abs(analytic), abs(numeric), self.least)
        return abs(analytic - numeric) / largest if largest else 0.0
