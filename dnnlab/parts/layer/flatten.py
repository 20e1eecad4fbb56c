"""Images to rows."""

from __future__ import annotations

from typing import Any

from ...registry import part


@part(
    "layer",
    source="reshaping, as torch.nn.Flatten",
    conversions={
        "torch": "torch.nn.Flatten(): the same order, channel by channel",
        "keras": "Flatten() goes place by place, channels last; this one channel by channel",
    },
)
def flatten(in_shape: tuple[int, ...], make: Any) -> Any:
    """(n, c, h, w) to (n, c * h * w)."""
    return make.flatten()
