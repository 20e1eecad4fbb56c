"""Deep nets of saturating units."""

from __future__ import annotations

from collections.abc import Iterator

from ..config import Config
from ..finding import Finding
from .layers import hidden_layers, is_part

# Hidden layers that make a net deep. Five layers of sigmoids stayed saturated in the paper; tanh is symmetric
# about 0 and bears more.
DEEP = {"sigmoid": 5, "hard_sigmoid": 5, "tanh": 8, "hard_tanh": 8}


def saturating_depth(config: Config) -> Iterator[Finding]:
    """Many hidden layers of sigmoid or tanh without normalization."""
    layers = hidden_layers(config) or []
    for name, deep in DEEP.items():
        bare = [y for y in layers if is_part(y.get("activation"), name) and y.get("normalization") is None]
        if len(bare) >= deep:
            yield Finding(
                "saturating_depth",
                bare[0].path("activation"),
                f"{len(bare)} layers of {name} without normalization",
                "gradients shrink from layer to layer and the first ones learn nothing",
                "write `normalization: batch` or `activation: elu`",
                "Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward "
                "neural networks",
            )
