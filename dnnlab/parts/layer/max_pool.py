"""Max pooling."""

from __future__ import annotations

from typing import Any

from ...registry import PositiveInt, part


@part(
    "layer",
    source="Jarrett et al. 2009; Scherer, Mueller & Behnke 2010",
    example={"kernel": 3, "stride": 2},
    prefix="pool",
    conversions={"torch": "torch.nn.MaxPool2d(kernel_size, stride)", "keras": 'MaxPooling2D(pool_size, strides, padding="valid")'},
)
def max_pool(in_shape: tuple[int, ...], make: Any, *, kernel: PositiveInt = 2, stride: PositiveInt | None = None) -> Any:
    """The largest value of each window. Shapes: (n, c, h, w) to (n, c, h', w').

    kernel: side of the window. stride: its step, none for the kernel's side.
    """
    return make.pool(make.name, in_shape, "max", kernel, stride)
