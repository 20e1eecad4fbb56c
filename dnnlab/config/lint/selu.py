"""The weights, the noise and the inputs that the self-normalization of SELU needs."""

from __future__ import annotations

from collections.abc import Iterator

from ..config import Config
from ..finding import Finding
from .layers import Layer, fan_in_variance, has_trait, places

_SOURCE = "Klambauer et al. 2017, arXiv:1706.02515"


def selu_initializer(config: Config) -> Iterator[Finding]:
    """SELU with weights of another variance than 1/fan_in."""
    wrong = {layer.path("initializer"): layer.get("initializer") for layer in _selu_layers(config)}
    for path, initializer in wrong.items():
        if fan_in_variance(initializer) not in (None, 1.0):
            yield Finding(
                "selu_initializer",
                path,
                f"selu with {initializer.name}",
                "activations keep mean 0 and variance 1 only from weights of variance 1/fan_in",
                "write `initializer: lecun_normal`",
                _SOURCE,
            )


def selu_dropout(config: Config) -> Iterator[Finding]:
    """SELU followed by plain dropout."""
    drops = {path: rate for rate, path in (layer.drops() for layer in _selu_layers(config)) if rate > 0}
    for path, rate in drops.items():
        yield Finding(
            "selu_dropout",
            path,
            f"selu with {path.rpartition('.')[2]}",
            "plain dropout moves mean and variance away from 0 and 1",
            f"write `regularizers: {{alpha_dropout: {min(rate, 0.1):g}}}`, or take it away",
            _SOURCE,
        )


def selu_inputs(config: Config) -> Iterator[Finding]:
    """SELU on inputs that are not standardized."""
    scale = config.experiment.data.common.get("scale")
    normalization = config.experiment.normalization
    on_input = normalization is not None and normalization.common.get("on_input")
    if scale != "standardize" and not on_input and _selu_layers(config):
        yield Finding(
            "selu_inputs",
            "data.scale",
            f"selu with scale: {scale or 'none'}",
            "activations drift to mean 0 and variance 1 only from inputs that have them",
            "write `data: {scale: standardize}`",
            _SOURCE,
        )


def _selu_layers(config: Config) -> list[Layer]:
    return [layer for layer in places(config) if has_trait(layer.get("activation"), "self_normalizing")]
