"""Nets written layer by layer."""

from __future__ import annotations

import math
from typing import Annotated, Any

from ...registry import Bound, Part, part


@part(
    "architecture",
    source="the layer list of Keras' Sequential and torch.nn.Sequential",
    example={"layers": ["flatten", {"name": "dense", "units": 8}]},
    has=frozenset({"pool", "residual"}),
    conversions={
        "torch": "torch.nn.Sequential without the output layer, which is added as wide as the data asks for",
        "keras": (
            "keras.Sequential without the output layer, which is added; it has no softmax (from_logits=True)"
        ),
    },
    traits=frozenset({"own_layers"}),
)
def sequential(
    in_shape: tuple[int, ...], outputs: int, make: Any, *, layers: list[Annotated[Bound, Part("layer")]]
) -> Any:
    """The listed layers in a row, then a dense `output` layer, as wide as the data asks for.

    Images are flattened before `output`. layers: parts of the kind layer; input sizes are inferred. Layers
    are named by what they are: hidden1, conv1, pool1, ... Shapes: (n, ...) to (n, outputs). Raises
    ConfigError naming the layer that an input does not fit.
    """
    modules, shape = make.row(layers, in_shape)
    if len(shape) > 1:
        modules["flatten"] = make.flatten()
    modules["output"] = make.dense("output", math.prod(shape), outputs, output=True)
    return make.chain(modules)
