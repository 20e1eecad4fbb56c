"""Deep nets of saturating units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .finding import Finding
from .layers import hidden_layers, is_part

if TYPE_CHECKING:
    from ..experiment import Config

DEEP = 8  # hidden layers


def saturating_depth(config: Config) -> Iterator[Finding]:
    """Eight or more hidden layers of sigmoid or tanh without normalization."""
    experiment, depth = config.experiment, hidden_layers(config)
    if depth is not None and depth >= DEEP and is_part(experiment.activation, "sigmoid", "tanh") and experiment.normalization is None:
        yield Finding(
            "saturating_depth",
            "activation",
            f"{depth} layers of {experiment.activation.name} without normalization",
            "gradients shrink from layer to layer and the first ones learn nothing",
            "write `normalization: batch` or `activation: elu`",
            "Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks",
        )
