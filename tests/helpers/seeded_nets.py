"""Nets of a config without its data: built for a shape, with the numbers that follow from their names."""

from __future__ import annotations

from typing import Any

from torch import nn

from dnnlab.assembly.network.net import Network, build_network
from dnnlab.commands.show.layers import LayerRow, layer_rows
from dnnlab.config import load_mapping
from dnnlab.nn.batch import Task
from dnnlab.nn.parameter_table import ParameterTable
from helpers.named_weights import fill

Shape = tuple[int, ...]


def network_of(shape: Shape, outputs: int = 10, **config: Any) -> Network:
    """The net of a classifier of `outputs` classes."""
    x = load_mapping({"data": "digits", **config}).experiment
    return build_network(x, shape, Task("index", outputs, outputs))


def table_of(shape: Shape, outputs: int = 10, **config: Any) -> ParameterTable:
    """The parameter table, with its net, of a classifier of `outputs` classes."""
    return network_of(shape, outputs, **config).table


def filled_net(shape: Shape, outputs: int = 10, **config: Any) -> nn.Module:
    """The net in float64, holding what `filled` says."""
    return fill(network_of(shape, outputs, **config).net)


def rows_of(shape: Shape, outputs: int = 10, **config: Any) -> dict[str, LayerRow]:
    """The lines of the layer table by name."""
    network = network_of(shape, outputs, **config)
    return {row.name: row for row in layer_rows(network.net, shape, network.choices)}


def sizes(shape: Shape, outputs: int = 10, **config: Any) -> dict[str, int]:
    """The numbers that are trained, by parameter."""
    return {
        name: entry.parameter.numel() for name, entry in table_of(shape, outputs, **config).entries.items()
    }
