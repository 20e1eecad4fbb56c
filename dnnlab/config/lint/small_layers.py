"""Dropout in small layers."""

from __future__ import annotations

from collections.abc import Iterator

from ..config import Config
from ..finding import Finding
from .layers import hidden_layers

LARGE, LEFT = 0.5, 16


def dropout_small_layer(config: Config) -> Iterator[Finding]:
    """A rate of a half or more that leaves fewer than 16 units of a layer on average."""
    seen = set()
    for layer in hidden_layers(config) or []:
        rate, path = layer.drops()
        if layer.units is None or layer.name.rpartition(".")[2].startswith("conv") or path in seen:
            continue  # each pixel drops on its own, so that a filter is never gone
        if rate >= LARGE and layer.units * (1 - rate) < LEFT:
            seen.add(path)
            yield Finding(
                "dropout_small_layer",
                path,
                f"a rate of {rate:g} leaves {layer.units * (1 - rate):.3g} of the {layer.units} units "
                f"of {layer.name}",
                "a layer that drops a share p of its units needs 1/(1 - p) times as many "
                "for the same capacity",
                f"widen the layer to {round(layer.units / (1 - rate))} units, or write a rate of 0.2",
                "Srivastava et al. 2014, JMLR 15, section A.1",
            )
