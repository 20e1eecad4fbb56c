"""The hidden layers of a config one by one, as far as its text lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...registry import Bound, Pattern, Widths, address

if TYPE_CHECKING:
    from ..config import Config
    from ..sections import LayerSettings

NOISE = ("dropout", "gaussian_dropout", "spatial_dropout")
"""Regularizers that multiply by noise of mean 1 and variance rate / (1 - rate)."""
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
        return max(
            (pair for name in NOISE for pair in self._rates(name)),
            default=(0.0, ""),
            key=lambda pair: pair[0],
        )

    def _rates(self, name: str) -> Iterator[tuple[float, str]]:
        found = self._written("dropout") if name == "dropout" else None
        part = self.config.experiment.regularizers.get(name)
        if found is not None:
            yield found
        elif part is not None and (part.keys.get("layers") is None or self._matched_by(part.keys["layers"])):
            yield part.keys["rate"], address(("regularizers", name))

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
