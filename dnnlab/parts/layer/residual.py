"""Residual blocks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ...errors import ConfigError, Problem
from ...registry import Bound, Part, part


@part(
    "layer",
    source="He et al. 2016, arXiv:1512.03385",
    example={"layers": [{"name": "conv", "channels": 1}], "shortcut": "projection"},
    prefix="block",
    has=frozenset({"residual"}),
    conversions={"torch": "no module; x + layers(x) in forward", "keras": "Add()([x, layers(x)])"},
)
def residual(
    in_shape: tuple[int, ...],
    make: Any,
    *,
    layers: list[Annotated[Bound, Part("layer")]],
    shortcut: Literal["identity", "projection"] = "identity",
) -> Any:
    """`x + layers(x)`: the layers learn a difference.

    Shapes: as the input, which they must keep, unless the shortcut is a projection.

    layers: parts of the kind layer. shortcut: identity (the input itself), or projection (a 1x1 convolution,
    a dense layer for rows, with the config's normalization and without activation, which brings the input to
    the shape of the sum). Keys of the kind layer that are written with the block hold for all layers in it.
    The paper's activation after the sum is an `activation` layer after the block. Raises ConfigError when
    the two that are added differ in shape.
    """
    name, (index, count) = make.name, make.block
    body, shape = make.row(layers, in_shape, prefix=f"{name}.body.")
    if shortcut == "identity" and shape != in_shape:
        a, b = ("x".join(map(str, s)) for s in (in_shape, shape))
        raise ConfigError(
            Problem(
                f"{name} turns {a} into {b}",
                f"expected layers that keep {a}",
                "same channels, stride 1; or shortcut: projection",
                "layers",
                code="shape",
            )
        )
    way = projection(make, f"{name}.shortcut", in_shape, shape) if shortcut == "projection" else None
    return make.residual(name, make.chain(body), way, index, count)


def projection(make: Any, name: str, in_shape: tuple[int, ...], out_shape: tuple[int, ...]) -> Any:
    """A linear layer from one shape to the other.

    Raises `ConfigError` where no stride of a 1x1 convolution leads there.
    """
    if len(in_shape) == len(out_shape) == 1:
        return make.dense(name, in_shape[0], out_shape[0], activate=False)
    strides = [
        s
        for s in range(1, in_shape[-1] + 1)
        if [(n - 1) // s + 1 for n in in_shape[1:]] == list(out_shape[1:])
    ]
    if len(in_shape) != len(out_shape) or not strides:
        a, b = ("x".join(map(str, s)) for s in (in_shape, out_shape))
        fix = 'layers with padding "same"'
        raise ConfigError(
            Problem(
                f"{name}: no stride of a 1x1 convolution turns {a} into {b}",
                "expected one",
                fix,
                "layers",
                code="shape",
            )
        )
    return make.conv(name, in_shape, out_shape[0], 1, stride=strides[0], padding=0, activate=False)
