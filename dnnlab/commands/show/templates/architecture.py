"""An architecture of your own.

In a config beside this file:

plugins: [my_architecture.py]
architecture: {name: my_architecture, depth: 3}
"""

from __future__ import annotations

import math
from typing import Any

from dnnlab.registry import PositiveInt, part


@part("architecture", source="where the idea comes from: a paper, a text", example={"depth": 3})
def my_architecture(in_shape: tuple[int, ...], outputs: int, make: Any, *, depth: PositiveInt = 2) -> Any:
    """A funnel: dense layers hidden1, hidden2, ..., each half as wide as its input, then `output`.

    depth: hidden layers, >= 1. Shapes: (n, ...) to (n, outputs). Everything with weights is made with `make`,
    under its own name: so patterns, penalties and the layer table find it. `make.conv`, `make.pool` and
    `make.residual` are there for images; torch itself is not needed here, so that a check can follow the
    shapes without it.
    """
    modules: dict[str, Any] = {"flatten": make.flatten()} if len(in_shape) > 1 else {}
    width = math.prod(in_shape)
    for number in range(1, depth + 1):
        half = max(2, width // 2)
        modules[f"hidden{number}"] = make.dense(f"hidden{number}", width, half)
        width = half
    modules["output"] = make.dense("output", width, outputs, output=True)
    return make.chain(modules)
