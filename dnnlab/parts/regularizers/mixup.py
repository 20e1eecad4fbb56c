"""Mixup."""

from __future__ import annotations

from typing import Any

from ...registry import Positive, part


@part(
    "regularizers",
    source="Zhang, Cisse, Dauphin & Lopez-Paz 2018, arXiv:1710.09412",
    example={"alpha": 0.4},
    effect="batch",
    makes="soft",
    mixes_rows=True,
    conversions={
        "torch": "torchvision.transforms.v2.MixUp(alpha=1.0): alpha: 1.0",
        "keras": "keras.layers.MixUp(alpha=0.2): the same, one lambda a batch",
    },
)
def mixup(table: Any, *, alpha: Positive = 0.2) -> Any:
    """In training rows are mixed with others of their batch, inputs and targets alike.

    A mixed row is lambda * row + (1 - lambda) * another row. alpha: lambda is drawn from Beta(alpha, alpha),
    one for each batch, > 0; small: nearly 0 or 1, large: nearly 1/2. Class numbers become shares of classes
    with sum 1 ((n,) in [0, 1] for a net with one output); numbers as targets are mixed as they are. Draws
    come from the device's default generator.
    """
    from ...nn.regularizers.soft_targets import Mixup

    return Mixup(table.task, alpha)
