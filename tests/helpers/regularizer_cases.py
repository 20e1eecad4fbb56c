"""A small net, its parameter table and regularizers built for them, shared by the contract tests of the
effects.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dnnlab import registry
from dnnlab.nn.batch import Task
from dnnlab.nn.layers.linear_maps import Conv, Dense
from dnnlab.nn.parameter_table import ParameterInfo, ParameterTable

ENTRIES = registry.entries("regularizers")
CLASSES = Task("index", 4, 4)
BINARY = Task("index", 2, 1)
LABELS = Task("multi", 3, 3)
NUMBERS = Task("real", 0, 2)


def of(*effects: str) -> Any:
    found = [e for e in ENTRIES if e.flags["effect"] in effects]
    return pytest.mark.parametrize("entry", found, ids=lambda e: e.name)


class Net(nn.Module):
    """A small image net with the places that `inside` regularizers know: input, two hidden layers, a pool, a
    branch, an output layer.
    """

    def __init__(self, inside: Any = None) -> None:
        super().__init__()
        place = lambda method, *at: getattr(inside, method)(*at) if hasattr(inside, method) else None  # noqa: E731
        keep = lambda module: module or nn.Identity()  # noqa: E731
        self.before = keep(place("on_input", (2, 7, 7)))
        self.conv1, self.after1 = Conv(2, 5, 3), keep(place("after_activation", "conv1", 5, 2))
        self.branch = keep(place("on_branch", "block1", 1, 2))
        self.pool = place("on_pool", "pool1") or nn.MaxPool2d(2)
        self.hidden1, self.after2 = Dense(5 * 3 * 3, 7), keep(place("after_activation", "hidden1", 7, 0))
        self.output = Dense(7, 4)
        self.wrapped = [place("wrap", name, getattr(self, name)) for name in ("conv1", "hidden1")]
        generator = torch.Generator().manual_seed(2)
        with torch.no_grad():
            for p in self.parameters():
                p.copy_(torch.randn(p.shape, generator=generator) / 2)

    def forward(self, inputs: Tensor) -> Tensor:
        features = self.after1(self.conv1(self.before(inputs)).relu())
        features = features + self.branch(features)
        hidden = self.after2(self.hidden1(self.pool(features).flatten(1)).relu())
        return self.output(hidden)


def make_table(
    entry: Any, task: Task = CLASSES, in_shape: tuple[int, ...] = (2, 7, 7), **settings: Any
) -> ParameterTable:
    table = ParameterTable(task, settings=settings, everywhere=frozenset({entry.name}), in_shape=in_shape)
    table.steps_per_epoch, table.total_steps = 2, 8
    return table


def full_table(entry: Any, net: Net, **settings: Any) -> ParameterTable:
    table = make_table(entry, **settings)
    for name, parameter in net.named_parameters():
        layer, _, kind = name.rpartition(".")
        table.add(ParameterInfo(name, parameter, kind, layer))
    table.layers, table.net = ["conv1", "hidden1", "output"], net
    return table


def make(entry: Any, table: ParameterTable, **keys: Any) -> Any:
    return registry.build("regularizers", {"name": entry.name, **entry.example, **keys}, table)


def images() -> Tensor:
    return torch.linspace(-1, 1, 8 * 2 * 7 * 7).view(8, 2, 7, 7).sin()
