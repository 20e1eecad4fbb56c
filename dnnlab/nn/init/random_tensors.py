"""Random numbers into weights, the same on every device and in every memory layout."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_KEPT = 0.87962566103423978  # the deviation that is left of a standard normal cut off at -2 and 2


def fill_normal(weight: Tensor, variance: float, generator: torch.Generator) -> None:
    """Fill `weight` with normal numbers of mean 0 (not truncated), drawn from a CPU generator."""
    _fill(weight, _empty_like(weight).normal_(0.0, variance**0.5, generator=generator))


def fill_uniform(weight: Tensor, variance: float, generator: torch.Generator) -> None:
    """Fill `weight` in place with uniform numbers of mean 0: the limits are +-sqrt(3 variance)."""
    limit = (3.0 * variance) ** 0.5
    _fill(weight, _empty_like(weight).uniform_(-limit, limit, generator=generator))


def fill_truncated_normal(weight: Tensor, variance: float, generator: torch.Generator) -> None:
    """Fill `weight` with normal numbers of mean 0 that are cut off at two of their deviations.

    variance: of the numbers that are left.
    """
    std = variance**0.5 / _KEPT
    _fill(
        weight, nn.init.trunc_normal_(_empty_like(weight), 0.0, std, -2 * std, 2 * std, generator=generator)
    )


def fill_orthogonal(weight: Tensor, gain: float, generator: torch.Generator) -> None:
    """Fill `weight` (units, ...) with `gain` times orthonormal rows; columns if there are more units."""
    _fill(weight, nn.init.orthogonal_(_empty_like(weight), gain, generator=generator))


def _empty_like(weight: Tensor) -> Tensor:
    # Contiguous and on the CPU whatever the weight is, so that channels_last or a GPU does not change which
    # number goes where.
    return torch.empty(weight.shape, dtype=weight.dtype)


def _fill(weight: Tensor, numbers: Tensor) -> None:
    with torch.no_grad():
        weight.copy_(numbers)
