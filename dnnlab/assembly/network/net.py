"""The net: architecture, input stages, initial weights.

And the check that the parameter table is the net's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ...errors import ConfigError, Problem, error_path
from ...nn.batch import Task
from ...nn.layers.linear_maps import Chain, Conv, Staged
from ...nn.parameter_table import ParameterTable
from ...nn.seeds import mix
from ...registry import Bound, Pattern
from .conv_shapes import Shape
from .layer_names import SECTIONS
from .make import Make
from .per_layer import Choice, Choices, automatic_initializer, check_patterns, check_settings, patterns_of
from .regularizer_checks import check_held
from .regularizer_places import check_acted, check_drawn, hidden_layers


@dataclass(frozen=True)
class Blueprint:
    """What a net is made from. initializer None: chosen for each layer by its activation.

    everywhere: the regularizers that act on layers without a number of their own in per_layer.
    """

    architecture: Bound
    default: Choice
    per_layer: Mapping[Pattern, Any]
    regularizers: Mapping[str, Bound]
    everywhere: frozenset[str]
    seed: int


def build_net(plan: Blueprint, in_shape: Shape, task: Task) -> ParameterTable:
    """Build the net (`table.net`), set its initial weights, and return its parameter table.

    Raises `ConfigError`.
    """
    table = ParameterTable(task, everywhere=plan.everywhere, in_shape=in_shape)
    choices = Choices(plan.default, plan.per_layer, table.own)
    inside = {name: bound for name, bound in plan.regularizers.items() if bound.flag("effect") == "inside"}
    make = Make(choices, table, {name: on_table(bound, table) for name, bound in inside.items()})
    with error_path("architecture", *SECTIONS):
        body = plan.architecture(in_shape, task.outputs, make)
        table.net = with_inputs(body, make, in_shape)
        make.divisions.check()
        make.check_outputs(table.net, in_shape, task.outputs)
    choices.check(table.layers)
    check_settings(choices, make.takes)
    check_held(choices, make.takes, plan.regularizers, plan.everywhere)
    check_patterns(patterns_of(plan.regularizers), table.layers)
    places = {"hidden": hidden_layers(make.takes)}
    places["convolution"] = [
        name for name in places["hidden"] if isinstance(table.net.get_submodule(name), Conv)
    ]
    check_acted(
        {name: bound for name, bound in inside.items() if name in plan.everywhere},
        make.acted,
        places,
        plan.architecture.name,
    )
    check_drawn(inside, make.pooled)
    check_complete(table)
    return table


def initialize(table: ParameterTable, plan: Blueprint, batch: Tensor) -> dict[str, Bound]:
    """Set all weights, each from the seed and its own name. Returns the initializer of each layer.

    batch: (n, ...) scaled training inputs, for initializers that look at data.
    """
    choices = Choices(plan.default, plan.per_layer, table.own)
    used, later = {}, {}
    assert table.net is not None
    with torch.no_grad():
        for entry in table.of_role("weight"):
            bound = choices(entry.layer).initializer or default_initializer(choices, entry.layer)
            used[entry.layer] = bound
            if bound.flag("after_build"):
                later[str(bound)] = bound
                bound = default_initializer(choices, entry.layer)
            with error_path(choices.address(entry.layer, "initializer"), of=entry.layer):
                bound(entry.parameter, entry.fans, torch.Generator().manual_seed(mix(plan.seed, entry.name)))
        check_whole(used, later, choices)
        for bound in later.values():
            with error_path("initializer"):
                bound(table.net, batch)
        for module in table.net.modules():
            for function in module.after_initialization if isinstance(module, Staged) else ():
                function(module)
    return used


def check_whole(used: Mapping[str, Bound], later: Mapping[str, Bound], choices: Choices) -> None:
    """An initializer that works on the finished net sets every layer, so no layer can have another one.

    Raises `ConfigError`.
    """
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
    """A regularizer built on the table; its errors name its place."""
    with error_path(f"regularizers.{regularizer.name}"):
        return regularizer(table)


def default_initializer(choices: Choices, layer: str) -> Bound:
    """`initializer: auto` for one layer; the output layer has no activation to suit."""
    return automatic_initializer(None if layer == "output" else choices(layer).activation)


def with_inputs(body: nn.Module, make: Make, in_shape: Shape) -> nn.Module:
    """The net with what stands before its first layer. A chain keeps its layers' names.

    Where a chain begins by flattening images, the inputs are its numbers: they are normalized one by one,
    behind the flattening.
    """
    rest = dict(body.named_children()) if isinstance(body, Chain) else {"net": body}
    first = next(iter(rest), "")
    flat = isinstance(rest.get(first), nn.Flatten)
    stages = make.input_stages((math.prod(in_shape),) if flat else in_shape)
    if not stages:
        return body
    return Chain(({first: rest.pop(first)} if flat else {}) | stages | rest)


def check_complete(table: ParameterTable) -> None:
    """Raise `ConfigError` when an architecture made a parameter that `make` does not know: nothing could regularize or log it."""
    assert table.net is not None
    names = {name for name, _ in table.net.named_parameters()}
    if names != set(table.entries):
        odd = ", ".join(sorted(names ^ set(table.entries))[:5])
        problem = Problem(
            f"the architecture's parameters and the table differ: {odd}",
            "expected every layer made with `make`, under its own name",
            code="table",
        )
        raise ConfigError(problem.under("architecture"))
