"""Max pooling."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem
from ...registry import NonNegativeInt, PositiveInt, part


@part(
    "layer",
    source="Jarrett et al. 2009; Scherer, Mueller & Behnke 2010",
    example={"kernel": 3, "stride": 2, "padding": 1},
    prefix="pool",
    has=frozenset({"pool"}),
    conversions={
        "torch": "torch.nn.MaxPool2d(kernel_size, stride, padding)",
        "keras": (
            'MaxPooling2D(pool_size, strides, padding="valid"): padding there is a word, here a number of '
            "places"
        ),
    },
)
def max_pool(
    in_shape: tuple[int, ...],
    make: Any,
    *,
    kernel: PositiveInt = 2,
    stride: PositiveInt | None = None,
    padding: NonNegativeInt = 0,
) -> Any:
    """The largest value of each window. Shapes: (n, c, h, w) to (n, c, h', w').

    kernel: side of the window. stride: its step, none for the kernel's side. padding: places at each border
    that are never the largest, at most half the kernel. Raises ConfigError when the window does not fit.
    """
    if padding > kernel // 2:
        text = (
            f"a padding of {padding} is more than half of the kernel {kernel}: some windows would see "
            f"nothing else"
        )
        raise ConfigError(
            Problem(
                text, f"expected at most {kernel // 2}", f"padding: {kernel // 2}", "padding", code="shape"
            )
        )
    return make.pool(make.name, in_shape, "max", kernel, stride, padding)
