"""AdaGrad for nets that must train for long."""

from __future__ import annotations

from collections.abc import Iterator

from ..config import Config
from ..finding import Finding
from .layers import hidden_layers, is_part


def adagrad_depth(config: Config) -> Iterator[Finding]:
    """AdaGrad for a net of two or more hidden layers."""
    layers = hidden_layers(config)
    if is_part(config.experiment.optimizer, "adagrad") and (layers is None or len(layers) > 1):
        yield Finding(
            "adagrad_depth",
            "optimizer",
            "adagrad for a deep net",
            "it divides by the sum of all squared gradients since the start, "
            "so that its steps shrink to nothing too early",
            "write `optimizer: rmsprop` or `optimizer: adam`",
            "Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.5.1",
        )
