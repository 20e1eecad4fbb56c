"""A constraint on weights.

In a config beside this file:

plugins: [my_limit.py]
regularizers: {my_limit: 0.5}
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import Positive, part


@part(
    "regularizers",
    source="where the idea comes from: a paper, a text",
    effect="constraint",
    example={"limit": 0.2},
)
def my_limit(table: Any, *, limit: Positive = 1.0) -> Any:
    """After every update each weight is cut to [-limit, limit].

    limit: > 0. `table` holds every parameter with its role and its unit_axis: the axis along which the
    layer's units lie.
    """
    import torch

    weights = [entry.parameter for entry in table.of_role("weight") if entry.parameter.requires_grad]

    @torch.no_grad()
    def constrain() -> None:
        for weight in weights:
            weight.clamp_(-limit, limit)

    return constrain
