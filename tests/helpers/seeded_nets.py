"""Nets of a config without its data: built for a shape, with the numbers that follow from their names."""

from __future__ import annotations

from typing import Any

from torch import nn

from dnnlab.assembly.network.net import build_net
from dnnlab.assembly.network.per_layer import Choices, default_choice
from dnnlab.assembly.session import blueprint_of
from dnnlab.assembly.training.objective import all_regularizers
from dnnlab.commands.show.layers import LayerRow, layer_rows
from dnnlab.config import load_mapping
from dnnlab.nn.batch import Task
from dnnlab.nn.parameter_table import ParameterTable
from helpers.named_weights import fill

Shape = tuple[int, ...]


def table_of(shape: Shape, outputs: int = 10, **config: Any) -> ParameterTable:
    """The parameter table, with its net, of a classifier of `outputs` classes."""
    x = load_mapping({"data": "digits", **config}).experiment
    return build_net(blueprint_of(x, all_regularizers(x)), shape, Task("index", outputs, outputs))


def filled_net(shape: Shape, outputs: int = 10, **config: Any) -> nn.Module:
    """The net in float64, holding what `filled` says."""
    net = table_of(shape, outputs, **config).net
    assert net is not None
    return fill(net)


def rows_of(shape: Shape, outputs: int = 10, **config: Any) -> dict[str, LayerRow]:
    """The lines of the layer table by name."""
    x = load_mapping({"data": "digits", **config}).experiment
    table = table_of(shape, outputs, **config)
    assert table.net is not None
    return {
        row.name: row
        for row in layer_rows(table.net, shape, Choices(default_choice(x), x.per_layer, table.own))
    }


def sizes(shape: Shape, outputs: int = 10, **config: Any) -> dict[str, int]:
    """The numbers that are trained, by parameter."""
    return {
        name: entry.parameter.numel() for name, entry in table_of(shape, outputs, **config).entries.items()
    }
