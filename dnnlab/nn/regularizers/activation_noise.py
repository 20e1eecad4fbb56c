"""Noise behind hidden activations: in training something happens to each layer's outputs, in evaluation nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from .dropout import Matches


@dataclass(frozen=True)
class BehindActivation:
    """Gives the hidden layers whose names match a module of their own, made from `rate`. images: only layers whose outputs are images."""

    rate: float
    matches: Matches
    module: Callable[[float], nn.Module]
    images: bool = False

    def after_activation(self, layer: str, channels: int, spatial_dims: int) -> nn.Module | None:
        """The module behind this layer; None where the layer has none."""
        acts = self.rate > 0 and self.matches(layer) and (spatial_dims > 0 or not self.images)
        return self.module(self.rate) if acts else None
