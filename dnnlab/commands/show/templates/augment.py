"""An augmentation of your own.

In a config beside this file:

plugins: [my_augment.py]
data: {name: digits, augment: [{name: my_augment, std: 0.1}]}
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import NonNegative, part


@part("augment", source="where the idea comes from: a paper, a text", example={"std": 0.2}, disturbs=True)
def my_augment(*, std: NonNegative = 0.1) -> Any:
    """Adds normal noise to every pixel of the training images, anew in every step.

    std: its standard deviation, >= 0, in units of the range from black (0) to white (1): pixels come and go
    in [0, 1], whatever the inputs' scaling. Shapes: (n, channels, height, width) to the same. Draw with plain
    torch functions on the images' device: dnnlab has seeded their generator for this step. disturbs: the
    target of an autoencoder stays without it; else it would act there too.
    """
    import torch

    def apply(images: Any) -> Any:
        return images + std * torch.randn_like(images)

    return apply
