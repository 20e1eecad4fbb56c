"""The net of an experiment: its layers, its parameter table and its initial weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ...config.sections import Experiment
from ...engine.split import RowStream
from ...errors import ConfigError, Problem, error_path
from ...nn.batch import Task
from ...nn.layers.linear_maps import Chain, Conv, Staged
from ...nn.parameter_table import ParameterTable, RegularizerTable
from ...nn.seeds import mix
from ...registry import Bound
from .conv_shapes import Shape
from .layer_names import SECTIONS
from .make import Make
from .per_layer import (
    LayerChoices,
    all_regularizers,
    automatic_initializer,
    layer_choices,
)
from .regularizer_checks import check_acted, check_drawn, check_layers, hidden_layers

DATA_ROWS = 256  # at most so many rows of the training split an initializer may measure


@dataclass(frozen=True)
class Network:
    """A net and what is known of its parts."""

    net: nn.Module
    table: ParameterTable
    choices: LayerChoices
    """The settings of each layer."""
    regularizers: Mapping[str, Bound]
    """All regularizers of the net, including those that only single layers name."""
    initializers: Mapping[str, Bound]
    """Layer -> its initializer; empty if the weights were not set."""

    @property
    def takes_images(self) -> bool:
        """Whether a convolution is among the layers."""
        return any(isinstance(module, Conv) for module in self.net.modules())

    def to(self, device: torch.device, *, images_last: bool) -> None:
        """Move the net to a device. images_last: whether its images are stored channels-last."""
        self.net.to(device)
        if images_last:
            self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # not in the stub


def build_network(
    x: Experiment,
    in_shape: Shape,
    task: Task,
    regularizers: Mapping[str, Bound] | None = None,
    inputs: Tensor | None = None,
) -> Network:
    """Build the net of an experiment. Raises `ConfigError`.

    regularizers: those to build in, by default all. inputs: scaled training inputs (`measured_rows`), for
    initializers that look at data; without them the initial weights are not set.
    """
    bounds = all_regularizers(x) if regularizers is None else regularizers
    everywhere = frozenset(x.regularizers)
    table = ParameterTable(task, everywhere=everywhere, in_shape=in_shape)
    choices = layer_choices(x, table.own)
    inside = {name: bound for name, bound in bounds.items() if bound.flag("effect") == "inside"}
    make = Make(choices, table, {name: on_table(bound, table) for name, bound in inside.items()})
    # The architecture builds its layers with `make`, which fills the table.
    with error_path("architecture", *SECTIONS):
        table.net = net = with_inputs(x.architecture(in_shape, task.outputs, make), make, in_shape)
        make.divisions.check()
        make.check_outputs(net, in_shape, task.outputs)
    # Every setting must act somewhere in the finished net.
    check_layers(choices, make.takes, bounds, everywhere)
    check_acted(
        {name: bound for name, bound in inside.items() if name in everywhere},
        make.acted,
        places_in(net, make),
        x.architecture.name,
    )
    check_drawn(inside, make.pooled)
    check_complete(net, table)
    used = {} if inputs is None else initialize(net, table, choices, x.seed, inputs)
    return Network(net, table, choices, bounds, used)


def measured_rows(inputs: Tensor | RowStream) -> Tensor:
    """At most `DATA_ROWS` inputs, evenly spread: the first rows of a sorted table are not like the others."""
    return inputs[:: max(1, -(-len(inputs) // DATA_ROWS))]


def places_in(net: nn.Module, make: Make) -> dict[str, list[str]]:
    """The layers that a regularizer with each flag `acts_on` could act in."""
    hidden = hidden_layers(make.takes)
    return {
        "hidden": hidden,
        "convolution": [name for name in hidden if isinstance(net.get_submodule(name), Conv)],
    }


def initialize(
    net: nn.Module, table: ParameterTable, choices: LayerChoices, seed: int, batch: Tensor
) -> dict[str, Bound]:
    """Set all weights, each from the seed and its own name. Returns the initializer of each layer.

    batch: (n, ...) scaled training inputs, for initializers that look at data.
    """
    used, later = {}, {}
    with torch.no_grad():
        for entry in table.of_role("weight"):
            bound = choices(entry.layer).initializer or default_initializer(choices, entry.layer)
            used[entry.layer] = bound
            if bound.flag("after_build"):
                later[str(bound)] = bound
                bound = default_initializer(choices, entry.layer)
            with error_path(choices.address(entry.layer, "initializer"), of=entry.layer):
                bound(entry.parameter, entry.fans, torch.Generator().manual_seed(mix(seed, entry.name)))
        check_whole(used, later, choices)
        for bound in later.values():
            with error_path("initializer"):
                bound(net, batch)
        for module in net.modules():
            for function in module.after_initialization if isinstance(module, Staged) else ():
                function(module)
    return used


def check_whole(used: Mapping[str, Bound], later: Mapping[str, Bound], choices: LayerChoices) -> None:
    """Raise `ConfigError` if a layer has another initializer than one that sets the whole net."""
    if not later:
        return
    whole = next(iter(later.values()))
    others = [layer for layer, bound in used.items() if str(bound) != str(whole)]
    if others:
        layer = next(
            (name for name in used if choices.address(name, "initializer") != "initializer"), others[0]
        )
        text = f"{whole.name} sets the weights of all layers, and {others[0]} asks for {used[others[0]].name}"
        path = choices.address(layer, "initializer")
        raise ConfigError(
            Problem(
                text,
                "expected one initializer for the whole net",
                f"initializer: {whole.name}",
                path,
                code="no_effect",
            )
        )


def on_table(regularizer: Bound, table: ParameterTable) -> Any:
    """A regularizer built on the table; its errors carry its address."""
    with error_path(f"regularizers.{regularizer.name}"):
        return regularizer(RegularizerTable(table, regularizer.name))


def default_initializer(choices: LayerChoices, layer: str) -> Bound:
    """`initializer: auto` for one layer; the output layer has no activation that could choose."""
    return automatic_initializer(None if layer == "output" else choices(layer).activation)


def with_inputs(body: nn.Module, make: Make, in_shape: Shape) -> nn.Module:
    """The net with the stages before its first layer. A chain keeps its layers' names.

    If a chain begins by flattening images, its inputs are numbers: they are normalized one by one, after the
    flattening.
    """
    rest = dict(body.named_children()) if isinstance(body, Chain) else {"net": body}
    first = next(iter(rest), "")
    flat = isinstance(rest.get(first), nn.Flatten)
    stages = make.input_stages((math.prod(in_shape),) if flat else in_shape)
    if not stages:
        return body
    return Chain(({first: rest.pop(first)} if flat else {}) | stages | rest)


def check_complete(net: nn.Module, table: ParameterTable) -> None:
    """Raise `ConfigError` if the net has a parameter that `make` did not create.

    Such a parameter could be neither regularized nor logged.
    """
    names = {name for name, _ in net.named_parameters()}
    if names != set(table.entries):
        odd = ", ".join(sorted(names ^ set(table.entries))[:5])
        problem = Problem(
            f"the architecture's parameters and the table differ: {odd}",
            "expected every layer made with `make`, under its own name",
            code="table",
        )
        raise ConfigError(problem.under("architecture"))
