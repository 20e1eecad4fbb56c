"""What a regularizer that acts within a net may do while the net is built: one Protocol for each place.

A method gives None (or False) where its regularizer does not act.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from torch import nn

from ..layers.linear_maps import Staged


@runtime_checkable
class ActsOnInput(Protocol):
    """Acts before the first layer."""

    def on_input(self, shape: tuple[int, ...], /) -> nn.Module | None:
        """The module for inputs of which one row has this shape."""


@runtime_checkable
class ActsAfterActivation(Protocol):
    """Acts after the activation of hidden layers."""

    def after_activation(self, layer: str, channels: int, spatial_dims: int, /) -> nn.Module | None:
        """The module after the activation of this layer."""


@runtime_checkable
class WrapsLayer(Protocol):
    """Changes a layer itself."""

    def wrap(self, layer: str, module: Staged, /) -> bool:
        """Change the layer; whether it was changed."""


@runtime_checkable
class ActsOnPool(Protocol):
    """Replaces poolings."""

    def on_pool(self, name: str, /) -> nn.Module | None:
        """The module in place of this pooling."""


@runtime_checkable
class ActsOnBranch(Protocol):
    """Acts on the branch of residual blocks."""

    def on_branch(self, name: str, index: int, count: int, /) -> nn.Module | None:
        """The module at the end of the branch of block `index` of `count` (from 1)."""
