"""Noise."""

from __future__ import annotations

from typing import Any

from ...registry import Positive, part


@part(
    "augment",
    source="Sietsma & Dow 1991, Creating artificial neural networks that generalize",
    aliases=("gaussian_noise",),
    example={"std": 0.2},
    hints={"sigma": "data: {augment: [{noise: {value}}]}", "stddev": "data: {augment: [{noise: {value}}]}"},
    conversions={
        "torch": "torchvision.transforms.v2.GaussianNoise(sigma=std, clip=False)",
        "keras": "GaussianNoise(stddev) on inputs in [0, 1]",
    },
    disturbs=True,
)
def noise(*, std: Positive = 0.05) -> Any:
    """Adds a normal number to every channel of every pixel, each its own.

    std: its standard deviation, > 0, in units of the range from black (0) to white (1). The result is not cut
    off. Shapes: (n, channels, height, width) to the same, images only.
    """
    from ...data.augment.cutout_noise import Noise

    return Noise(std)
