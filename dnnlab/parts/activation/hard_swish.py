"""Swish of straight pieces."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    aliases=("hardswish", "hard_silu"),
    initializer="he_normal",
    dies=True,
    source="Howard et al. 2019, arXiv:1905.02244",
    conversions={"torch": "torch.nn.Hardswish()", "keras": '"hard_swish", or "hard_silu"'},
)
def hard_swish(width: int) -> nn.Module:
    """`z min(max(z + 3, 0), 6) / 6`: 0 below -3, z above 3, a parabola between.

    Shapes: any to the same.
    """
    return nn.Hardswish()
