"""Initial weights for rectifiers."""

from __future__ import annotations

from collections.abc import Iterator

from ..config import Config
from ..finding import Finding
from .layers import fan_in_variance, places


def relu_initializer(config: Config) -> Iterator[Finding]:
    """Other than He weights for an activation of the ReLU family, in layers without normalization."""
    family = [layer for layer in places(config) if layer.get("activation").flag("initializer") == "he_normal"]
    wrong = {
        y.path("initializer"): (y.get("activation"), y.get("initializer"))
        for y in family
        if y.get("normalization") is None
    }
    for path, (activation, initializer) in wrong.items():
        if fan_in_variance(initializer) not in (None, 2.0):
            yield Finding(
                "relu_initializer",
                path,
                f"{activation.name} with {initializer.name}",
                "a rectifier sets half of its inputs to 0, so only weights of variance 2/fan_in "
                "keep signals from shrinking or growing",
                "write `initializer: he_normal`",
                "He et al. 2015, arXiv:1502.01852",
            )
