"""VGG nets."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from ...errors import ConfigError, Problem
from ...registry import PositiveInt, Widths, part

CONVOLUTIONS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
"""Depth -> convolutions of each block (configurations A, B, D and E of the paper)."""


@part(
    "architecture",
    source="Simonyan & Zisserman 2015, arXiv:1409.1556",
    example={"depth": 11, "width": 4, "stages": 3, "hidden": [8]},
    has=frozenset({"pool"}),
    conversions={
        "torch": (
            "torchvision.models.vgg16() with normalization: none, vgg16_bn() with batch (there the biases "
            "that it cancels stay)"
        ),
        "keras": "keras.applications.VGG16(weights=None, classifier_activation=None)",
    },
)
def vgg(
    in_shape: tuple[int, ...],
    outputs: int,
    make: Any,
    *,
    depth: Literal[11, 13, 16, 19] = 16,
    width: PositiveInt = 64,
    stages: Annotated[int, Ge(1), Le(5)] = 5,
    hidden: Widths | Literal["auto"] = "auto",
) -> Any:
    """Blocks of 3x3 convolutions, each ended by 2x2 max pooling, then dense layers and `output`.

    The layers are conv1, conv2, ..., hidden1, hidden2, `output`. depth: layers with weights in the paper's
    form: 11, 13, 16 or 19. width: filters of the first block; each block has twice as many up to 8 * width,
    which the last two share. stages: how many blocks are built, 1 to 5; each halves the image. hidden: units
    of the dense layers; auto: the paper's 4096, 4096 where 7x7 places or more are left for them, else 512,
    512 (the usual form for 32x32). Batch normalization is the config's `normalization`, the paper's dropout
    `regularizers: {dropout: {rate: 0.5, layers: hidden.*}}`. Shapes: (n, channels, height, width) to (n,
    outputs). Raises ConfigError where an image is too small for the blocks.
    """
    check_size(in_shape, stages)
    modules: dict[str, Any] = {}
    shape = in_shape
    for number, count in enumerate(CONVOLUTIONS[depth][:stages], 1):
        for _ in range(count):
            name = make.next_name("conv")
            filters = width * min(2 ** (number - 1), 8)
            modules[name] = make.conv(name, shape, filters, 3)
            shape = (filters, *shape[1:])
        name = f"pool{number}"
        modules[name] = make.pool(name, shape, "max", 2)
        shape = make.shape_after(modules[name], shape, name)
    modules["flatten"] = make.flatten()
    units = math.prod(shape)
    widths = (
        ((4096, 4096) if min(shape[1:]) >= 7 else (512, 512)) if isinstance(hidden, str) else hidden.units
    )
    for number, wide in enumerate(widths, 1):
        modules[f"hidden{number}"] = make.dense(f"hidden{number}", units, wide)
        units = wide
    modules["output"] = make.dense("output", units, outputs, output=True)
    return make.chain(modules)


def check_size(in_shape: tuple[int, ...], stages: int) -> None:
    """Raise `ConfigError` naming the pooling that an image is too small for.

    Rows are refused by the first convolution.
    """
    if len(in_shape) != 3:
        return
    fits = min(in_shape[1:]).bit_length() - 1  # a pooling halves the side, rounding down
    if fits < stages:
        text = (
            f"pool{fits + 1}: images of {'x'.join(map(str, in_shape))} are 1 wide or high after {fits} "
            f"poolings"
        )
        fix = f"stages: {fits}" if fits else "architecture: mlp"
        raise ConfigError(Problem(text, f"expected at most {fits} stages", fix, "stages", code="shape"))
