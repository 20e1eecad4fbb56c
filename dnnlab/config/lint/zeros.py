"""Initial weights that are equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .finding import Finding
from .layers import is_part, places

if TYPE_CHECKING:
    from ..config import Config


def zeros_initializer(config: Config) -> Iterator[Finding]:
    """Hidden layers whose weights all start equal; an output layer may, since its inputs differ."""
    for path, name in {
        layer.path("initializer"): layer.get("initializer") for layer in places(config)
    }.items():
        if is_part(name, "zeros", "constant"):
            yield Finding(
                "zeros_initializer",
                path,
                "hidden weights start at zero" if name.name == "zeros" else "hidden weights start equal",
                "all units of a layer get the same gradient and stay identical",
                "write `initializer: auto`",
                "Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4",
            )
