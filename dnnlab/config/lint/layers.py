"""What several rules ask of a config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...registry import Bound, Widths, address

if TYPE_CHECKING:
    from ..experiment import Config


def hidden_layers(config: Config) -> int | None:
    """How many hidden layers the architecture's `hidden` key gives; None where it has no such key."""
    hidden = config.experiment.architecture.keys.get("hidden")
    return len(hidden.units) if isinstance(hidden, Widths) else None


def settings(config: Config, key: str) -> list[tuple[str, Any]]:
    """The net's value of a per-layer key and those of the patterns, each with its address."""
    experiment = config.experiment
    layers = [(address(("per_layer", p.text, key)), getattr(s, key)) for p, s in experiment.per_layer.items()]
    return [(key, getattr(experiment, key)), *((where, value) for where, value in layers if value is not None)]


def is_part(value: Any, *names: str) -> bool:
    """Whether a value is one of the parts named."""
    return isinstance(value, Bound) and value.name in names
