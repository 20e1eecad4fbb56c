"""Multilayer perceptrons."""

from __future__ import annotations

import math
from typing import Any

from ...registry import Widths, part


@part(
    "architecture",
    source="Rumelhart, Hinton & Williams 1986; Geron, Hands-On Machine Learning, ch. 10",
    example={"hidden": [300, 100]},
    hints={"units": "hidden: {value}", "layers": "hidden: {value}"},
    conversions={
        "torch": "Sequential of Linear layers; the output gives logits, as torch's losses want them",
        "keras": (
            "Sequential of Dense layers; the last has no softmax or sigmoid: losses take logits here "
            "(from_logits=True)"
        ),
    },
    traits=frozenset({"light", "widths"}),
)
def mlp(in_shape: tuple[int, ...], outputs: int, make: Any, *, hidden: Widths = Widths((100,))) -> Any:  # noqa: B008 (frozen)
    """Fully connected hidden layers, then `output`: hidden1, hidden2, ...; images are flattened first.

    hidden: units of the hidden layers, `[300, 100]` or `{depth: 20, width: 100}`. Shapes: (n, ...) to (n,
    outputs).
    """
    modules: dict[str, Any] = {"flatten": make.flatten()} if len(in_shape) > 1 else {}
    width = math.prod(in_shape)
    for i, units in enumerate(hidden.units, 1):
        modules[f"hidden{i}"] = make.dense(f"hidden{i}", width, units)
        width = units
    modules["output"] = make.dense("output", width, outputs, output=True)
    return make.chain(modules)
