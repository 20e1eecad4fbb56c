"""Spectral normalization as a weight function: the parameter keeps its name.

Source: Miyato et al. 2018, arXiv:1802.05957, algorithm 1.

torch's own stores a second vector and lets evaluation use the pair as it stands; here one vector is kept, and
the other follows from it and the weight, so an average of weights and vectors (EMA) is normalized by a number
of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from .linear_maps import owns_weight

_START = 50  # rounds of power iteration on the initial weight


@dataclass(frozen=True)
class SpectralNorm:
    """A weight function: weight / sigma, where sigma is near the largest singular value of the weight.

    The weight counts as the matrix (units, inputs). `layer.spectral_u` (units,) comes near the left singular
    vector; a training pass of a layer that learns moves it by `iterations` rounds.
    """

    iterations: int

    def __call__(self, layer: Any, weight: Tensor) -> Tensor:
        """The weight in use."""
        matrix = weight.flatten(1)
        with torch.autocast(weight.device.type, enabled=False):
            learns = layer.training and layer.weight.requires_grad
            if learns and self.iterations > 1:
                iterate(matrix.detach(), layer.spectral_u, self.iterations - 1)
            # The gradient of |W v| with v held fixed is u v^T: that of sigma itself.
            along = matrix @ right(matrix.detach(), layer.spectral_u)
            sigma = torch.linalg.vector_norm(along)
            if learns:
                keep(layer.spectral_u, along.detach())
        divided: Tensor = weight / sigma.clamp_min(torch.finfo(weight.dtype).tiny)
        return divided

    def restart(self, layer: Any) -> None:
        """Point the vector along the weight as it is now, from a start that is always the same."""
        numbers = torch.randn(len(layer.spectral_u), generator=torch.Generator().manual_seed(0))
        layer.spectral_u.copy_(nn.functional.normalize(numbers, dim=0))
        if layer.weight.any():  # zeros point nowhere yet
            iterate(layer.weight.detach().flatten(1), layer.spectral_u, _START)


def normalize_spectrally(layer: nn.Module, iterations: int) -> nn.Module:
    """Let `layer` (a `Staged`) use its weight over its largest singular value. Returns the layer.

    A layer whose weight belongs to another one is left alone.
    """
    if not owns_weight(layer):
        return layer
    staged: Any = layer
    function = SpectralNorm(iterations)
    staged.register_buffer("spectral_u", staged.weight.detach().new_zeros(staged.weight.shape[0]))
    staged.weight_functions.append(function)
    staged.after_initialization.append(function.restart)
    function.restart(layer)
    return layer


def iterate(matrix: Tensor, u: Tensor, rounds: int) -> None:
    """Rounds of power iteration, in place: u <- W v / |W v|, where v = W^T u / |W^T u|."""
    for _ in range(rounds):
        keep(u, matrix @ right(matrix, u))


def right(matrix: Tensor, u: Tensor) -> Tensor:
    """The unit vector v along W^T u; zeros where that vanishes."""
    return nn.functional.normalize(matrix.t() @ u, dim=0)


def keep(u: Tensor, along: Tensor) -> None:
    """Write the direction into `u`.

    A weight of zeros has no direction and leaves `u`, so that it works again once the weight has moved.
    """
    length = torch.linalg.vector_norm(along)
    u.copy_(torch.where(length > 0, along / length, u))
