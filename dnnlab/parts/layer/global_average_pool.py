"""Global average pooling."""

from __future__ import annotations

from typing import Any

from ...registry import part


@part(
    "layer",
    source="Lin, Chen & Yan 2014, arXiv:1312.4400",
    prefix="pool",
    conversions={
        "torch": "torch.nn.AdaptiveAvgPool2d(1) and Flatten() after it",
        "keras": "GlobalAveragePooling2D(): rows come out there too (keepdims=False)",
    },
)
def global_average_pool(in_shape: tuple[int, ...], make: Any) -> Any:
    """The mean of each channel over the whole image.

    Shapes: (n, c, h, w) to (n, c); no `flatten` is needed after it.

    Raises ConfigError when the input is no image.
    """
    return make.global_average_pool(make.name, in_shape)
