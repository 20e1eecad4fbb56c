"""What each layer gets: the config's activation, initializer and normalization, changed by `per_layer`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import ConfigError, Problem
from ..nn.table import ParameterTable
from ..registry import Bound, Pattern, bind

HIDDEN_KEYS = ("activation", "normalization", "dropout")
WEIGHT_KEYS = ("initializer", "l1", "l2", "max_norm")
REGULARIZER_KEYS = ("dropout", "l1", "l2", "max_norm")


@dataclass(frozen=True)
class Choice:
    """The parts of one layer. initializer None: chosen by the activation."""

    activation: Bound
    initializer: Bound | None
    normalization: Bound | None
    lr_factor: float = 1.0
    frozen: bool = False


@dataclass
class Choices:
    """Looks choices up by layer name and remembers which patterns matched something."""

    default: Choice
    per_layer: Mapping[Pattern, Any]
    matched: set[Pattern] = field(default_factory=set)

    def __call__(self, layer: str) -> Choice:
        """The choice for a layer: the defaults, then every matching pattern in the order of the file."""
        chosen: dict[str, Any] = dict(self.default.__dict__)
        for settings in self._matching(layer):
            written = {k: getattr(settings, k) for k in settings.model_fields_set}
            chosen.update({k: v for k, v in written.items() if k in chosen})
        return Choice(**chosen)

    def regularizers(self, layer: str) -> dict[str, Any]:
        """The layer's own dropout, l1, l2 and max_norm."""
        own: dict[str, Any] = {}
        for settings in self._matching(layer):
            own.update({k: getattr(settings, k) for k in REGULARIZER_KEYS if k in settings.model_fields_set})
        return own

    def address(self, layer: str, key: str) -> str:
        """Where the layer's choice for `key` stands in the config: at the last pattern that sets it, else at the top."""
        setting = [p for p, settings in self.per_layer.items() if p.matches(layer) and key in settings.model_fields_set]
        return f'per_layer."{setting[-1].plain()}".{key}' if setting else key

    def check(self, layers: list[str]) -> None:
        """Raise `ConfigError` for patterns that match no layer."""
        check_patterns([(pattern, f'per_layer."{pattern.plain()}"') for pattern in self.per_layer], layers)

    def _matching(self, layer: str) -> list[Any]:
        return [settings for pattern, settings in self.per_layer.items() if pattern.matches(layer)]


def check_patterns(patterns: list[tuple[Pattern, str]], layers: list[str]) -> None:
    """Raise one `ConfigError` for all patterns (with their addresses) that match none of the layers."""
    known = ", ".join(layers)
    lost = [
        Problem(f'the pattern "{p.plain()}" matches no layer', f"layers: {known}", path=path, code="pattern")
        for p, path in patterns
        if not any(p.matches(layer) for layer in layers)
    ]
    if lost:
        raise ConfigError(*lost)


def check_settings(per_layer: Mapping[Pattern, Any], table: ParameterTable, outputs: set[str]) -> None:
    """Raise `ConfigError` for settings of layers that have nothing to set: what is learned there is linear, or another layer's."""
    owners = {entry.layer for entry in table.of_role("weight")}
    idle = []
    for pattern, settings in per_layer.items():
        layers = [layer for layer in table.layers if pattern.matches(layer)]
        for key in sorted(settings.model_fields_set):
            path = f'per_layer."{pattern.plain()}".{key}'
            if key in HIDDEN_KEYS and getattr(settings, key) is not None and set(layers) <= outputs:
                text = f"{', '.join(layers)} is linear only: it has no {key}"
                idle.append(Problem(text, "expected a pattern that matches hidden layers", "remove the key", path, code="no_effect"))
            elif key in WEIGHT_KEYS and not owners & set(layers):
                text = f"{', '.join(layers)} has no weight of its own, so {key} cannot act"
                idle.append(
                    Problem(text, "expected a layer with a weight", "write it for the layer whose weight is used", path, code="no_effect")
                )
    if idle:
        raise ConfigError(*idle)


def automatic_initializer(activation: Bound | None) -> Bound:
    """The initializer that suits an activation (He for the ReLU family, LeCun for SELU, else Glorot); the activation says which."""
    return bind("initializer", "glorot_uniform" if activation is None else activation.flag("initializer"))
