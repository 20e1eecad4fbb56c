"""Convolutional nets of blocks."""

from __future__ import annotations

import math
from typing import Any, Literal

from ...errors import ConfigError, Problem
from ...registry import PositiveInt, Widths, part


@part(
    "architecture",
    source=(
        "LeCun et al. 1998; Simonyan & Zisserman 2015, arXiv:1409.1556 (blocks of equal convolutions "
        "between poolings)"
    ),
    example={"blocks": [[4], [8]], "hidden": [16]},
    has=frozenset({"pool"}),
)
def cnn(
    in_shape: tuple[int, ...],
    outputs: int,
    make: Any,
    *,
    blocks: list[list[PositiveInt]] = [[16, 16], [32, 32]],  # noqa: B006 (never changed)
    kernel: PositiveInt = 3,
    pool: Literal["max", "average"] = "max",
    hidden: Widths = Widths(()),  # noqa: B008 (frozen)
) -> Any:
    """Convolutions in blocks, each ended by pooling, then dense layers and `output`.

    The layers are conv1, conv2, ..., with a 2x2 pooling after each block, then hidden1, ..., `output`.
    blocks: filters of each convolution, block by block. kernel: side of all kernels; the image keeps its size
    ("same" padding). pool: max or average. hidden: units of dense layers after the blocks. Shapes: (n,
    channels, height, width) to (n, outputs). Raises ConfigError naming the layer where an image becomes
    smaller than a window, and for empty lists.
    """
    empty = next((i for i, filters in enumerate(blocks) if not filters), None)
    if not blocks or empty is not None:
        where = "blocks" if empty is None else f"blocks.{empty}"
        expected = "blocks of convolutions" if empty is None else "filters of its convolutions"
        raise ConfigError(
            Problem(
                "an empty list", f"expected {expected}", "blocks: [[16, 16], [32, 32]]", where, code="empty"
            )
        )
    modules: dict[str, Any] = {}
    shape = in_shape
    for number, filters_of_block in enumerate(blocks, 1):
        for filters in filters_of_block:
            name = make.next_name("conv")
            modules[name] = make.conv(name, shape, filters, kernel)
            shape = (filters, *shape[1:])
        name = f"pool{number}"
        modules[name] = make.pool(name, shape, pool, 2)
        shape = make.shape_after(modules[name], shape, name)
    modules["flatten"] = make.flatten()
    width = math.prod(shape)
    for i, units in enumerate(hidden.units, 1):
        modules[f"hidden{i}"] = make.dense(f"hidden{i}", width, units)
        width = units
    modules["output"] = make.dense("output", width, outputs, output=True)
    return make.chain(modules)
