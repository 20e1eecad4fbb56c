"""Dropout of activations and of weights.

Both are inverted: training divides by 1 - rate, evaluation does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from ..layers.linear_maps import Staged, owns_weight
from ..parameter_table import ParameterTable

Matches = Callable[[str], bool]


@dataclass(frozen=True)
class Dropout:
    """Gives hidden layers an `nn.Dropout` after their activation, and the inputs one of their own.

    matches: which layers take `rate`; a layer's own setting goes before it.
    """

    table: ParameterTable
    rate: float
    matches: Matches
    input_rate: float

    def on_input(self, shape: tuple[int, ...]) -> nn.Module | None:
        """Dropout of the inputs, where there is any."""
        return nn.Dropout(self.input_rate) if self.input_rate > 0 else None

    def after_activation(self, layer: str, channels: int, spatial_dims: int) -> nn.Module | None:
        """Dropout after a hidden layer, each element by itself; None where the layer has none."""
        rate = self.table.value("dropout", layer, self.rate if self.matches(layer) else None)
        return nn.Dropout(rate) if rate else None


@dataclass(frozen=True)
class DropConnect:
    """Hidden layers drop single weights: one draw for the whole batch, new in every step."""

    rate: float
    matches: Matches

    def wrap(self, layer: str, module: Staged) -> bool:
        """Append the drop to the layer's weight functions; False where it has none, or no weight of its own.

        What comes after the weight normalization is dropped. A tied layer uses its owner's weight, dropped
        there in a draw of its own.
        """
        acts = self.rate > 0 and self.matches(layer) and owns_weight(module)
        if acts:
            module.weight_functions.append(DropWeights(self.rate))
        return acts


@dataclass(frozen=True)
class DropWeights:
    """A weight function: in training weights are 0 with probability `rate`, else divided by 1 - rate."""

    rate: float

    def describe(self) -> str:
        """See `Described`."""
        return f"dropconnect {self.rate:g}"

    def __call__(self, layer: nn.Module, weight: Tensor) -> Tensor:
        """The weight in use."""
        return F.dropout(weight, self.rate, layer.training)


def every(layer: str) -> bool:
    """For a regularizer that names no layers: it acts on all."""
    return True
