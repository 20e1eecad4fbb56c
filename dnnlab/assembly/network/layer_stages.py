"""How a layer gets its stages, its lines in the parameter table and what regularizers add; `make` stands on it.

A layer is linear -> normalization -> activation -> dropout (or normalization after the activation); the
output layer is linear only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from torch import nn

from ...errors import error_path
from ...nn.layers.linear_maps import Staged, TiedDense
from ...nn.parameter_table import Active, Entry, Fans, ParameterTable
from ...registry import Bound
from .conv_shapes import pieces
from .group_counts import Divisions, Place
from .per_layer import EVERY_KEY, HIDDEN_KEYS, RATE_KEYS, WEIGHT_KEYS, Choice, Choices


class Stages:
    """`inside`: regularizers that act within the net, by name; `acted` says which of them found a place.

    takes: the per-layer keys that can act in each layer.
    """

    def __init__(self, choices: Choices, table: ParameterTable, inside: Mapping[str, Any]) -> None:
        self.choices, self.table, self.inside = choices, table, inside
        self.acted: set[str] = set()
        self.divisions = Divisions()
        self.takes: dict[str, frozenset[str]] = {}

    def _finish(
        self, name: str, layer: Staged, width: int, spatial: int, output: bool, activate: bool, fans: Fans
    ) -> Staged:
        self.table.settings[name] = self.choices.regularizers(name)
        idle = HIDDEN_KEYS if output else frozenset() if activate else {"activation", "dropout"}
        self.takes[name] = EVERY_KEY - idle - (WEIGHT_KEYS if isinstance(layer, TiedDense) else frozenset())
        if not output:
            self._add_stages(name, layer, self.choices(name), width, spatial, activate)
            for regularizer_name, regularizer in self.inside.items():
                if self._try(regularizer_name, regularizer, "wrap", name, layer):
                    self.acted.add(regularizer_name)
        self.table.layers.append(name)
        for parameter_name, parameter in layer.named_parameters():
            self.table.add(Entry(f"{name}.{parameter_name}", parameter, role(parameter_name), name, 0, fans))
        return layer

    def _add_stages(
        self, name: str, layer: Staged, choice: Choice, width: int, spatial: int, activate: bool
    ) -> None:
        normalization = choice.normalization
        after = (
            activate
            and normalization is not None
            and normalization.common.get("position") == "after_activation"
        )
        if normalization is not None and not after:
            if normalization.flag("form") == "weight":
                with error_path(self.choices.address(name, "normalization"), of=name):
                    normalization(layer)
                self.table.holds[name] = normalization.flag("holds")
            else:
                channels = width * (pieces(choice.activation) if activate else 1)
                self._normalize(name, layer, normalization, channels, spatial)
        if not activate:
            return
        with error_path(self.choices.address(name, "activation"), of=name):
            self._activate(name, layer, choice.activation, width)
        if normalization is not None and after:
            self._normalize(name, layer, normalization, width, spatial)
        for regularizer_name, regularizer in self.inside.items():
            if (
                module := self._try(regularizer_name, regularizer, "after_activation", name, width, spatial)
            ) is not None:
                layer.add_module(regularizer_name, module)

    def _normalize(self, name: str, layer: Staged, part: Bound, channels: int, spatial: int) -> None:
        with self.divisions.normalizing(
            name, Place(part, channels, spatial, self.choices.address(name, "normalization"))
        ):
            layer.add_module("normalization", part(channels, spatial))

    def _activate(self, name: str, owner: nn.Module, part: Bound, width: int) -> nn.Module:
        """Give a layer or a block its activation."""
        module: nn.Module = part(width)
        owner.activation = module
        self._watch(name, module, part)
        return module

    def _watch(self, name: str, module: nn.Module, part: Bound) -> None:
        self.table.activations[name] = Active(module, part.flag("flat"), part.flag("dies"))

    def _stands_alone(
        self, name: str, stage: str, module: nn.Module, role: str, keys: Iterable[str] = ()
    ) -> None:
        learns = self._enter(name, stage, module, role)
        takes = frozenset(keys) | (RATE_KEYS if learns else frozenset())
        if takes:
            self.table.layers.append(name)
            self.takes[name] = takes

    def _enter(self, name: str, stage: str, module: nn.Module, role: str) -> bool:
        """Write down the parameters of a module; whether there are any."""
        for parameter_name, parameter in module.named_parameters():
            self.table.add(Entry(f"{name}.{stage}{parameter_name}", parameter, role, name))
        return any(True for _ in module.parameters())

    def _ask(self, method: str, *arguments: Any) -> list[nn.Module]:
        answers = [
            self._try(name, regularizer, method, *arguments) for name, regularizer in self.inside.items()
        ]
        return [a for a in answers if a is not None]

    def _try(self, name: str, regularizer: Any, method: str, *arguments: Any) -> Any:
        if not hasattr(regularizer, method):
            return None
        with error_path(f"regularizers.{name}"):
            answer = getattr(regularizer, method)(*arguments)
        if answer is not None and answer is not False:
            self.acted.add(name)
        return answer


def role(parameter_name: str) -> str:
    """What a parameter of a layer is for, from the stage that it belongs to."""
    stage, _, rest = parameter_name.rpartition(".")
    if stage:
        return "activation" if stage.startswith("activation") else "norm"
    return rest if rest in ("weight", "bias") else "norm"
