"""Weights that start equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .finding import Finding
from .layers import hidden_layers, is_part, settings

if TYPE_CHECKING:
    from ..experiment import Config


def zeros_initializer(config: Config) -> Iterator[Finding]:
    """`initializer: zeros` where there are hidden layers."""
    for where, value in settings(config, "initializer"):
        if is_part(value, "zeros") and hidden_layers(config) != 0:
            yield Finding(
                "zeros_initializer",
                where,
                "hidden weights start at zero",
                "all units of a layer get the same gradient and stay identical",
                "write `initializer: auto`",
                "Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4",
            )
