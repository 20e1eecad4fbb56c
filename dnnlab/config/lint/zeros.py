"""Initial weights that are equal."""

from __future__ import annotations

from collections.abc import Iterator

from ..config import Config
from ..finding import Finding
from .layers import has_trait, places


def zeros_initializer(config: Config) -> Iterator[Finding]:
    """Hidden layers whose weights all start equal; an output layer may, since its inputs differ."""
    for path, part in {
        layer.path("initializer"): layer.get("initializer") for layer in places(config)
    }.items():
        if has_trait(part, "equal"):
            yield Finding(
                "zeros_initializer",
                path,
                "hidden weights start equal" if part.keys else "hidden weights start at zero",
                "all units of a layer get the same gradient and stay identical",
                "write `initializer: auto`",
                "Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4",
            )
