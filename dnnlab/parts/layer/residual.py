"""Residual blocks."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem
from ...registry import Part, part


@part(
    "layer",
    source="He et al. 2016, arXiv:1512.03385",
    example={"layers": [{"name": "conv", "channels": 3}]},
    prefix="block",
    conversions={"torch": "no module; x + layers(x) in forward", "keras": "Add()([x, layers(x)])"},
)
def residual(in_shape: tuple[int, ...], make: Any, *, layers: list[Part["layer"]]) -> Any:
    """x + layers(x). Shapes: as the input, which the layers must keep.

    layers: parts of the kind layer. Raises ConfigError when their output has another shape than the input.
    """
    name = make.name
    body, shape = make.row(layers, in_shape, prefix=f"{name}.body.")
    if shape != in_shape:
        a, b = ("x".join(map(str, s)) for s in (in_shape, shape))
        raise ConfigError(
            Problem(f"{name} turns {a} into {b}", f"expected layers that keep {a}", "same channels, stride 1", "layers", code="shape")
        )
    return make.residual(name, make.chain(body), None, 1, 1)
