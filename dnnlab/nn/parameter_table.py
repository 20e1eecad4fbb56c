"""The parameter table: every tensor of a net, what it is for and which way its units lie.

No code infers these facts from shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..lazy_torch import nn
from .batch import Task

ROLES = ("weight", "bias", "norm", "activation")


class Fans(NamedTuple):
    """Connections into and out of one unit; for a convolution the kernel's area counts in."""

    fan_in: int
    fan_out: int


@dataclass(frozen=True)
class ParameterInfo:
    """One parameter of a net."""

    name: str
    parameter: nn.Parameter
    role: str
    """One of `ROLES`."""
    layer: str
    """Name of the module (`hidden1`)."""
    unit_axis: int = 0
    """The axis of the tensor that counts the layer's units."""
    fans: Fans = Fans(1, 1)  # noqa: RUF009 (a tuple cannot change)


class Active(NamedTuple):
    """The activation of a layer, with the flags of its part."""

    module: nn.Module
    flat: tuple[float, float] | None
    """The ends at which its slope is 0."""
    dies: bool
    """Whether its units can die."""


@dataclass
class ParameterTable:
    """Parameters in the order in which they were made, and the per-layer settings that concern them."""

    task: Task
    settings: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Layer -> {l2: 1e-3, lr_factor: 0.1, ...}."""
    own: dict[str, Any] = field(default_factory=dict)
    """Layer -> keys that are written with the layer itself."""
    holds: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Layer -> {regularizer: the layer's parameter that it acts on}, if the weight is not the one in use."""
    everywhere: frozenset[str] = frozenset()
    """Names of regularizers that act on layers without a setting of their own."""
    entries: dict[str, ParameterInfo] = field(default_factory=dict)
    """The parameters by name."""
    layers: list[str] = field(default_factory=list)
    """Names of the modules that patterns are matched against, in order."""
    activations: dict[str, Active] = field(default_factory=dict)
    """By the layer that they belong to, or by their own name if they are layers; a linear layer has none."""
    net: nn.Module | None = None
    """The finished net."""
    in_shape: tuple[int, ...] = ()
    """Of one row."""
    steps_per_epoch: int = 0
    """Of the training, as `total_steps`; 0 if a net is built without one."""
    total_steps: int = 0

    def add(self, entry: ParameterInfo) -> None:
        """Write a parameter down. Raises `ValueError` for a name used twice or an unknown role."""
        if entry.name in self.entries or entry.role not in ROLES:
            raise ValueError(f"parameter {entry.name} ({entry.role}) cannot be added to the table")
        self.entries[entry.name] = entry

    def of_role(self, role: str) -> list[ParameterInfo]:
        """All parameters of one role."""
        return [e for e in self.entries.values() if e.role == role]

    def trained_weights(self, regularizer: str = "") -> list[ParameterInfo]:
        """The weights of layers that are not frozen; where `holds` names another parameter, that one."""
        weights = [e for e in self.of_role("weight") if e.parameter.requires_grad]
        return [
            self.entries[f"{e.layer}.{held}"] if (held := self.holds.get(e.layer, {}).get(regularizer)) else e
            for e in weights
        ]

    def value(self, name: str, layer: str, default: Any) -> Any:
        """A regularizer's number for a layer: the layer's own setting, else the default.

        The default holds if the regularizer acts everywhere; else the answer is None.
        """
        own = self.settings.get(layer, {})
        if name in own:
            return own[name]
        return default if name in self.everywhere else None


class RegularizerTable(ParameterTable):
    """The same table, not a copy, as one regularizer reads it.

    The keys of `per_layer` belong to the built-in regularizers of their names. Another regularizer may ask
    for such a key, for example a copy of `dropout` in a plugin; it gets its own number for every layer.
    """

    __slots__ = ("regularizer",)

    def __init__(self, table: ParameterTable, regularizer: str) -> None:
        self.__dict__ = table.__dict__  # what is set later in one is set in the other
        self.regularizer = regularizer

    def value(self, name: str, layer: str, default: Any) -> Any:
        """See `ParameterTable.value`; the default for a setting of another regularizer."""
        return super().value(name, layer, default) if name == self.regularizer else default
