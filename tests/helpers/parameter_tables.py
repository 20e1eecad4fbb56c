"""Parameter tables made by hand, for tests of regularizers without a net."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from dnnlab import registry
from dnnlab.nn.batch import Task
from dnnlab.nn.parameter_table import ParameterInfo, ParameterTable

CLASSES = Task("index", 4, 4)


def table_of(
    name: str, weights: dict[str, Tensor], task: Task = CLASSES, axis: int = 0, **settings: Any
) -> ParameterTable:
    table = ParameterTable(task, settings=settings, everywhere=frozenset({name}))
    for layer, weight in weights.items():
        table.add(ParameterInfo(f"{layer}.weight", weight, "weight", layer, axis))  # type: ignore[arg-type]
        table.layers.append(layer)
    return table


def build(spec: Any, table: ParameterTable) -> Any:
    return registry.build("regularizers", spec, table)


def weight(values: Any) -> nn.Parameter:
    return nn.Parameter(torch.tensor(values, dtype=torch.float64))
