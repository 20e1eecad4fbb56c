"""The stages of a layer, its lines in the parameter table, and what regularizers add to it.

A layer is linear -> normalization -> activation -> dropout (or normalization after the activation); the
output layer is linear only. `Make` builds on this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from torch import nn

from ...errors import error_path
from ...nn.layers.linear_maps import Staged, TiedDense
from ...nn.parameter_table import Active, Fans, ParameterInfo, ParameterTable
from ...nn.regularizers.inside import ActsAfterActivation, WrapsLayer
from ...registry import Bound
from .conv_shapes import pieces
from .group_counts import Divisions, NormalizationPlace
from .per_layer import EVERY_KEY, HIDDEN_KEYS, RATE_KEYS, WEIGHT_KEYS, LayerChoice, LayerChoices

Layer = TypeVar("Layer", bound=Staged)
Answer = TypeVar("Answer", nn.Module, bool)


class Stages:
    """Gives layers their stages."""

    def __init__(self, choices: LayerChoices, table: ParameterTable, inside: Mapping[str, Any]) -> None:
        """inside: regularizers that act within the net, by name."""
        self.choices, self.table, self.inside = choices, table, inside
        self.acted: set[str] = set()
        """Names of the regularizers that found a place."""
        self.divisions = Divisions()
        self.takes: dict[str, frozenset[str]] = {}
        """Layer -> the per-layer keys that can act in it."""

    def _finish(
        self, name: str, layer: Layer, width: int, spatial: int, output: bool, activate: bool, fans: Fans
    ) -> Layer:
        """Complete a layer whose linear part is built."""
        self.table.settings[name] = self.choices.regularizers(name)
        idle = HIDDEN_KEYS if output else frozenset() if activate else {"activation", "dropout"}
        self.takes[name] = EVERY_KEY - idle - (WEIGHT_KEYS if isinstance(layer, TiedDense) else frozenset())
        if not output:
            self._add_stages(name, layer, self.choices(name), width, spatial, activate)
            self._ask(lambda r: r.wrap(name, layer) if isinstance(r, WrapsLayer) else None)
        self.table.layers.append(name)
        for parameter_name, parameter in layer.named_parameters():
            self.table.add(
                ParameterInfo(f"{name}.{parameter_name}", parameter, role(parameter_name), name, 0, fans)
            )
        return layer

    def _add_stages(
        self, name: str, layer: Staged, choice: LayerChoice, width: int, spatial: int, activate: bool
    ) -> None:
        normalization = choice.normalization
        after = (
            activate
            and normalization is not None
            and normalization.common.get("position") == "after_activation"
        )
        if normalization is not None and not after:
            channels = width * (pieces(choice.activation) if activate else 1)
            self._normalize(name, layer, normalization, channels, spatial)
        if not activate:
            return
        with error_path(self.choices.address(name, "activation"), of=name):
            self._activate(name, layer, choice.activation, width)
        if normalization is not None and after:
            self._normalize(name, layer, normalization, width, spatial)
        for regularizer, module in self._ask(
            lambda r: r.after_activation(name, width, spatial) if isinstance(r, ActsAfterActivation) else None
        ).items():
            layer.add_module(regularizer, module)

    def _normalize(self, name: str, layer: Staged, part: Bound, channels: int, spatial: int) -> None:
        address = self.choices.address(name, "normalization")
        if part.flag("form") == "weight":
            with error_path(address, of=name):
                part(layer)
            self.table.holds[name] = part.flag("holds")
            return
        with self.divisions.normalizing(name, NormalizationPlace(part, channels, spatial, address)):
            layer.add_module("normalization", part(channels, spatial))

    def _activate(self, name: str, owner: nn.Module, part: Bound, width: int) -> nn.Module:
        """Give a layer or a block its activation."""
        module: nn.Module = part(width)
        owner.activation = module
        self._add_active(name, module, part)
        return module

    def _add_active(self, name: str, module: nn.Module, part: Bound) -> None:
        self.table.activations[name] = Active(module, part.flag("flat"), part.flag("dies"))

    def _add_alone(
        self, name: str, stage: str, module: nn.Module, role: str, keys: Iterable[str] = ()
    ) -> None:
        """Add a module that is a layer by itself. keys: the per-layer keys that can act in it."""
        learns = self._add_parameters(name, stage, module, role)
        takes = frozenset(keys) | (RATE_KEYS if learns else frozenset())
        if takes:
            self.table.layers.append(name)
            self.takes[name] = takes

    def _add_parameters(self, name: str, stage: str, module: nn.Module, role: str) -> bool:
        """Add the parameters of a module to the table; whether there are any."""
        for parameter_name, parameter in module.named_parameters():
            self.table.add(ParameterInfo(f"{name}.{stage}{parameter_name}", parameter, role, name))
        return any(True for _ in module.parameters())

    def _ask(self, ask: Callable[[object], Answer | None]) -> dict[str, Answer]:
        """The answers of the regularizers that act in a place, by name; their errors carry their address."""
        answers: dict[str, Answer] = {}
        for name, regularizer in self.inside.items():
            with error_path(f"regularizers.{name}"):
                answer = ask(regularizer)
            if answer is not None and answer is not False:
                answers[name] = answer
        self.acted |= answers.keys()
        return answers


def role(parameter_name: str) -> str:
    """The role of a parameter of a layer, by the stage that it belongs to."""
    stage, _, rest = parameter_name.rpartition(".")
    if stage:
        return "activation" if stage.startswith("activation") else "norm"
    return rest if rest in ("weight", "bias") else "norm"
