"""Gradients against centred differences, number by number. Source: CS231n, "Gradient checks"; Press et al., Numerical Recipes, 5.7."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

STEP = 1e-5
_SMALLER = 10.0  # the second step is smaller by this: an error of the gradient stays, a kink between the two points mostly goes
_ROUNDING = 16.0  # units in the last place that a loss may be off
_ENOUGH = 1e4  # a difference that is not this much larger than its rounding tells nothing
SUSPECT = 1e-4


@dataclass(frozen=True)
class Compared:
    """One number of a tensor. error: |analytic - numeric| / max of the two; kink: the function has a corner just there.

    weak: both slopes are too small for the arithmetic to tell, so error says nothing.
    """

    place: tuple[int, ...]
    analytic: float
    numeric: float
    error: float
    kink: bool = False
    weak: bool = False


def settle(net: nn.Module) -> None:
    """Make a net a function that gives the same twice: evaluation mode, but what normalizes over the batch works as in training."""
    net.eval()
    for module in net.modules():
        if getattr(module, "running_mean", None) is not None:
            module.train()


def places(slope: Tensor, count: int, generator: torch.Generator) -> list[int]:
    """Positions in the flattened tensor: half of them where the slope is steepest, the others drawn."""
    flat = slope.detach().flatten().abs()
    steepest = flat.topk(min(len(flat), (count + 1) // 2)).indices.tolist()
    drawn = torch.randperm(len(flat), generator=generator)[: 2 * count].tolist()
    return list(dict.fromkeys([*steepest, *drawn]))[: min(count, len(flat))]


@torch.no_grad()
def compare(value: Callable[[], Tensor], tensor: Tensor, slope: Tensor, count: int, generator: torch.Generator) -> list[Compared]:
    """Compare `slope` with differences of `value`, which reads `tensor`. All in float64; the tensor is left as it was.

    value: () -> 0-dim tensor, the same for the same tensor.
    """
    flat, slopes, base = tensor.detach().view(-1), slope.detach().flatten(), float(value())
    found = []
    for place in places(slope, count, generator):
        index = tuple(int(i) for i in torch.unravel_index(torch.tensor(place), tensor.shape))
        found.append(_one(value, flat, place, float(slopes[place]), base, index))
    return found


def _one(value: Callable[[], Tensor], flat: Tensor, place: int, slope: float, base: float, index: tuple[int, ...]) -> Compared:
    up, down = _at(value, flat, place, STEP), _at(value, flat, place, -STEP)
    numeric, rounding = (up - down) / (2 * STEP), _ROUNDING * sys.float_info.epsilon * abs(base) / STEP
    first = Compared(index, slope, numeric, _error(slope, numeric, rounding), weak=max(abs(slope), abs(numeric)) < _ENOUGH * rounding)
    if first.weak or first.error <= SUSPECT:
        return first
    step = STEP / _SMALLER
    up, down = _at(value, flat, place, step), _at(value, flat, place, -step)
    numeric, rounding = (up - down) / (2 * step), rounding * _SMALLER
    error = _error(slope, numeric, rounding)
    second = Compared(index, slope, numeric, error) if error < first.error else first
    right, left = (up - base) / step, (base - down) / step
    room = rounding + SUSPECT * max(abs(right), abs(left))
    corner = abs(right - left) > 2 * room and min(right, left) - room <= slope <= max(right, left) + room
    return Compared(index, slope, second.numeric, second.error, kink=corner or second.error <= SUSPECT)


def _at(value: Callable[[], Tensor], flat: Tensor, place: int, step: float) -> float:
    kept = flat[place].clone()
    flat[place] += step
    moved = float(value())
    flat[place] = kept
    return moved


def _error(analytic: float, numeric: float, rounding: float) -> float:
    if analytic != analytic or numeric != numeric:
        return float("inf")
    largest = max(abs(analytic), abs(numeric))
    return max(0.0, abs(analytic - numeric) - rounding) / largest if largest else 0.0
