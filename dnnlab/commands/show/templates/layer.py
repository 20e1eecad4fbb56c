"""A layer of your own for `architecture: sequential`.

In a config beside this file:

plugins: [my_layer.py]
architecture: {name: sequential, layers: [flatten, {name: my_layer, share: 0.5}]}
"""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Gt, Le

from dnnlab.errors import ConfigError, Problem
from dnnlab.registry import part

Share = Annotated[float, Gt(0), Le(1)]


@part(
    "layer", source="where the idea comes from: a paper, a text", example={"share": 0.25}, prefix="narrow"
)  # narrow1, narrow2 ...
def my_layer(in_shape: tuple[int, ...], make: Any, *, share: Share = 0.5) -> Any:
    """A dense layer with a share of its input's width.

    Activation, normalization and dropout follow as in every layer. share: in (0, 1]. Shapes: (n, features)
    to (n, share * features). Layers are made with `make`, which knows the settings of the config;
    `make.name` is this layer's name. Raises `ConfigError` when the input is an image.
    """
    if len(in_shape) != 1:
        raise ConfigError(
            Problem(f"{make.name} got images", "a flat input", "put `flatten` before it", code="shape")
        )
    return make.dense(make.name, in_shape[0], max(1, round(share * in_shape[0])))
