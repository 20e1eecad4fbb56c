"""Convolutions."""

from __future__ import annotations

from typing import Any, Literal

from ...errors import ConfigError, Problem
from ...registry import NonNegativeInt, PositiveInt, part


@part(
    "layer",
    source="LeCun et al. 1998; Yu & Koltun 2016, arXiv:1511.07122 (dilation)",
    example={"channels": 5, "kernel": 5, "stride": 2, "padding": 2},
    conversions={
        "torch": (
            "torch.nn.Conv2d(in, out, kernel_size, padding=0): channels is out, in is inferred, padding is "
            '"same" by default here; groups and dilation are the same'
        ),
        "keras": (
            'Conv2D(filters, kernel_size, padding="valid"): channels is filters, padding is "same" by '
            'default here; its "same" is padding: same_keras, which is another one at strides above 1; '
            "dilation_rate is dilation; DepthwiseConv2D is groups: the channels before it"
        ),
    },
)
def conv(
    in_shape: tuple[int, ...],
    make: Any,
    *,
    channels: PositiveInt = 16,
    kernel: PositiveInt = 3,
    stride: PositiveInt = 1,
    padding: Literal["same", "same_keras", "valid"] | NonNegativeInt = "same",
    groups: PositiveInt = 1,
    dilation: PositiveInt = 1,
) -> Any:
    """Convolution, then normalization, activation and dropout. Shapes: (n, c, h, w) to (n, channels, h', w').

    channels: filters. kernel: side of the square kernel. stride: step of the window. padding: zeros at each
    border; "valid" is none. "same" is kernel // 2 on each side, so that the size stays at stride 1; an even
    kernel gets one zero less on the left and above there. "same_keras" is as many as ceil(size / stride)
    windows need, an odd one on the right and below, so a stride above 1 begins at another pixel than with
    "same". groups: so many parts of the channels have filters of their own; the channels before it make a
    depthwise convolution. dilation: distance of the kernel's places. Raises ConfigError when the kernel does
    not fit, and where groups do not divide the channels.
    """
    before = in_shape[0] if len(in_shape) == 3 else groups
    for what, number in (("the channels before it", before), ("channels", channels)):
        if number % groups:
            text = f"{groups} groups do not divide {what}, {number}"
            raise ConfigError(
                Problem(text, "expected a divisor of both", "groups: 1", "groups", code="indivisible")
            )
    border: int | str = padding
    if padding == "valid":
        border = 0
    elif padding == "same" and stride > 1:
        border = kernel // 2 * dilation
    return make.conv(
        make.name, in_shape, channels, kernel, stride=stride, padding=border, groups=groups, dilation=dilation
    )
