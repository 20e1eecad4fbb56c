"""The hidden layers of a config one by one, as far as its text lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...registry import Bound, Pattern, Widths, address
from ..config import Config
from ..sections import LayerSettings

Setting = tuple[Mapping[str, Any], tuple[str | int, ...]]
"""Keys that are written for some layers, and their address."""


@dataclass(frozen=True)
class Layer:
    """A hidden layer, or all layers of an architecture whose keys do not list them."""

    config: Config
    """The config of the layer."""
    name: str
    """The name of the layer; "" for all layers."""
    units: int | None = None
    """Its units; None if they are unknown."""
    own: tuple[Setting, ...] = ()
    """The keys written with the layer itself, in a list of layers. They override `per_layer`."""

    def get(self, key: str) -> Any:
        """The layer's value of a key of `per_layer`, or the net's."""
        if (found := self._written(key)) is not None:
            return found[0]
        x = self.config.experiment
        net = getattr(x, key)
        # An architecture may bring its own normalization.
        return x.architecture.keys.get(key) if net is None else net

    def path(self, key: str) -> str:
        """The address of that value."""
        found = self._written(key)
        return key if found is None else found[1]

    def drops(self) -> tuple[float, str]:
        """The largest rate of plain noise after this layer, and its address."""
        return max(self._rates(), default=(0.0, ""), key=lambda pair: pair[0])

    def _rates(self) -> Iterator[tuple[float, str]]:
        if (own := self._written("dropout")) is not None:
            yield own
        for name, part in self.config.experiment.regularizers.items():
            overridden = own is not None and name == "dropout"
            if not overridden and has_trait(part, "drops_plainly") and self._covered_by(part):
                yield next(iter(part.keys.values())), address(("regularizers", name))

    def _covered_by(self, part: Bound) -> bool:
        pattern = part.keys.get("layers")
        return pattern is None or self._matched_by(pattern)

    def _written(self, key: str) -> tuple[Any, str] | None:
        """The value that is written last for this layer, and its address."""
        patterns = self.config.experiment.per_layer.items()
        matching: list[Setting] = [
            (written(s), ("per_layer", p.text)) for p, s in patterns if self._matched_by(p)
        ]
        found = [(keys[key], address((*where, key))) for keys, where in (*matching, *self.own) if key in keys]
        return found[-1] if found else None

    def _matched_by(self, pattern: Pattern) -> bool:
        return pattern.text == self.name or pattern.matches(self.name)


def hidden_layers(config: Config) -> list[Layer] | None:
    """The hidden layers, first to last; None if the keys of the architecture do not list them."""
    architecture = config.experiment.architecture
    if "depth" in architecture.keys:
        return None
    found = list(_listed(architecture.keys))
    if architecture.flag("target") == "input":  # the decoder mirrors the encoder
        found += reversed(found[:-1])
    if (
        not found
        and not isinstance(architecture.keys.get("hidden"), Widths)
        and not isinstance(architecture.keys.get("layers"), list)
    ):
        return None
    numbers: Counter[str] = Counter()
    layers = []
    for prefix, units, own in found:
        short = prefix.rpartition(".")[2]
        numbers[short] += 1
        layers.append(Layer(config, f"{prefix}{numbers[short]}", units, own))
    return layers


def places(config: Config) -> list[Layer]:
    """The hidden layers; if they are unknown, one for all of them and one for each pattern of `per_layer`."""
    layers = hidden_layers(config)
    if layers is not None:
        return layers
    return [
        Layer(config, ""),
        *(Layer(config, p.text) for p in config.experiment.per_layer if p.text != "output"),
    ]


def is_part(value: Any, *names: str) -> bool:
    """Whether a value is one of the parts named."""
    return isinstance(value, Bound) and value.name in names


def has_trait(value: Any, trait: str) -> bool:
    """Whether a value is a part with this trait."""
    return isinstance(value, Bound) and trait in value.flag("traits")


def fan_in_variance(initializer: Any) -> float | None:
    """Variance times fan_in; None if it is adapted (auto, lsuv) or has a rule; 0 if it ignores fan_in."""
    found: float | None = initializer.flag_of_keys("variance") if isinstance(initializer, Bound) else None
    return found


def stopping(regularizers: Mapping[str, Bound]) -> dict[str, Bound]:
    """Address -> part of the regularizers that end the training."""
    return {
        address(("regularizers", name)): part
        for name, part in regularizers.items()
        if part.flag("effect") == "stop"
    }


def written(settings: LayerSettings) -> dict[str, Any]:
    """The keys of a section that are written."""
    return {key: getattr(settings, key) for key in settings.model_fields_set}


def _listed(keys: Mapping[str, Any]) -> Iterator[tuple[str, int, tuple[Setting, ...]]]:
    """(prefix of the name, units, own settings) of the layers that the keys of an architecture list."""
    blocks, hidden, layers = (keys.get(key) for key in ("blocks", "hidden", "layers"))
    for block in blocks if isinstance(blocks, list) else ():
        yield from (("conv", filters, ()) for filters in block) if isinstance(block, list) else ()
    if isinstance(hidden, Widths):
        yield from (("hidden", units, ()) for units in hidden.units)
    if isinstance(layers, list):
        yield from _in_row(layers, "", (), ("architecture", "layers"), Counter())


def _in_row(
    layers: Sequence[Bound],
    inside: str,
    outer: tuple[Setting, ...],
    path: tuple[str | int, ...],
    blocks: Counter[str],
) -> Iterator[tuple[str, int, tuple[Setting, ...]]]:
    for i, layer in enumerate(layers):
        word, own = layer.flag("prefix") or layer.name, (*outer, (layer.common, (*path, i)))
        units = layer.keys.get("units", layer.keys.get("channels"))
        if "layers" in layer.keys:
            blocks[word] += 1
            yield from _in_row(
                layer.keys["layers"], f"{inside}{word}{blocks[word]}.body.", own, (*path, i, "layers"), blocks
            )
        elif isinstance(units, int):
            yield inside + word, units, own
