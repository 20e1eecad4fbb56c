"""Noise: on the inputs, or after the activations of hidden layers. Evaluation has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from ..batch import Batch
from .dropout import Matches


@dataclass(frozen=True)
class InputNoise:
    """inputs + std * N(0, 1), each number by itself; targets stay."""

    std: float

    def __call__(self, batch: Batch) -> Batch:
        """The batch with noise on its inputs."""
        return batch._replace(inputs=torch.add(batch.inputs, torch.randn_like(batch.inputs), alpha=self.std))


@dataclass(frozen=True)
class AfterActivation:
    """Gives the hidden layers whose names match a module of their own, made from `rate`.

    images: only layers whose outputs are images.
    """

    rate: float
    matches: Matches
    module: Callable[[float], nn.Module]
    images: bool = False

    def after_activation(self, layer: str, channels: int, spatial_dims: int) -> nn.Module | None:
        """The module after this layer; None where the layer has none."""
        acts = self.rate > 0 and self.matches(layer) and (spatial_dims > 0 or not self.images)
        return self.module(self.rate) if acts else None
