"""Fully connected layers."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem
from ...registry import PositiveInt, part


@part(
    "layer",
    source="Goodfellow, Bengio & Courville 2016, ch. 6",
    example={"units": 7},
    prefix="hidden",
    conversions={
        "torch": "torch.nn.Linear(in, out) and what follows it: units is out, in is inferred",
        "keras": "Dense(units, activation): without `activation` here it is the config's, not none",
    },
)
def dense(in_shape: tuple[int, ...], make: Any, *, units: PositiveInt = 100) -> Any:
    """`x W^T + b`, then normalization, activation and dropout. Shapes: (n, features) to (n, units).

    units: width of the layer. Raises ConfigError when the input is an image.
    """
    if len(in_shape) != 1:
        shape = "x".join(map(str, in_shape))
        raise ConfigError(
            Problem(
                f"{make.name} got an input of {shape}",
                "expected a flat input",
                "put `flatten` before it",
                code="shape",
            )
        )
    return make.dense(make.name, in_shape[0], units)
