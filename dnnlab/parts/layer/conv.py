"""Convolutions."""

from __future__ import annotations

from typing import Any, Literal

from ...registry import NonNegativeInt, PositiveInt, part


@part(
    "layer",
    source="LeCun et al. 1998",
    example={"channels": 5, "kernel": 5, "stride": 2, "padding": 2},
    conversions={
        "torch": (
            "torch.nn.Conv2d(in, out, kernel_size, padding=0): channels is out, in is inferred, padding is "
            '"same" by default here'
        ),
        "keras": (
            'Conv2D(filters, kernel_size, padding="valid"): channels is filters, padding is "same" by '
            'default here; at strides above 1 its "same" may pad one side more, here both get kernel // 2'
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
    padding: Literal["same", "valid"] | NonNegativeInt = "same",
) -> Any:
    """Convolution, then normalization, activation and dropout. Shapes: (n, c, h, w) to (n, channels, h', w').

    channels: filters. kernel: side of the square kernel. stride: step of the window. padding: zeros at each
    border, "same" (kernel // 2 on each side, which keeps the size at stride 1) or "valid" (none). Raises
    ConfigError when the kernel does not fit.
    """
    border: int | str = (
        {"same": "same" if stride == 1 else kernel // 2, "valid": 0}[padding]
        if isinstance(padding, str)
        else padding
    )
    return make.conv(make.name, in_shape, channels, kernel, stride=stride, padding=border)
