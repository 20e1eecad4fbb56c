"""What the self-normalization of SELU needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .finding import Finding
from .layers import is_part, settings

if TYPE_CHECKING:
    from ..experiment import Config

_SOURCE = "Klambauer et al. 2017, arXiv:1706.02515"


def selu_initializer(config: Config) -> Iterator[Finding]:
    """SELU with an initializer that was written and is not lecun_normal."""
    initializer = config.experiment.initializer
    if _has_selu(config) and initializer != "auto" and not is_part(initializer, "lecun_normal"):
        yield Finding(
            "selu_initializer",
            "initializer",
            f"selu with {initializer.name}",
            "activations keep mean 0 and variance 1 only from weights of variance 1/fan_in",
            "write `initializer: lecun_normal`",
            _SOURCE,
        )


def selu_dropout(config: Config) -> Iterator[Finding]:
    """SELU with plain dropout."""
    if _has_selu(config) and "dropout" in config.experiment.regularizers:
        yield Finding(
            "selu_dropout",
            "regularizers.dropout",
            "selu with dropout",
            "plain dropout moves mean and variance away from 0 and 1",
            "take dropout away, or use alpha dropout",
            _SOURCE,
        )


def _has_selu(config: Config) -> bool:
    return any(is_part(value, "selu") for _, value in settings(config, "activation"))
