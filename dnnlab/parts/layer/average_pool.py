"""Average pooling."""

from __future__ import annotations

from typing import Any

from ...registry import PositiveInt, part


@part(
    "layer",
    source="LeCun et al. 1998 (subsampling, without its learned coefficients)",
    example={"kernel": 3, "stride": 2},
    prefix="pool",
    has=frozenset({"pool"}),
    conversions={
        "torch": "torch.nn.AvgPool2d(kernel_size, stride)",
        "keras": 'AveragePooling2D(pool_size, strides, padding="valid")',
    },
)
def average_pool(
    in_shape: tuple[int, ...], make: Any, *, kernel: PositiveInt = 2, stride: PositiveInt | None = None
) -> Any:
    """The mean of each window. Shapes: (n, c, h, w) to (n, c, h', w').

    kernel: side of the window. stride: its step, none for the kernel's side. Raises ConfigError when the
    window does not fit.
    """
    return make.pool(make.name, in_shape, "average", kernel, stride)
