"""CutMix."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem
from ...registry import Positive, part


@part(
    "regularizers",
    source="Yun, Han, Oh, Chun, Choe & Yoo 2019, arXiv:1905.04899",
    example={"alpha": 1.0},
    effect="batch",
    makes="soft",
    mixes_rows=True,
    place="images",
    conversions={
        "torch": "torchvision.transforms.v2.CutMix(alpha=1.0): alpha: 1.0",
        "keras": "keras.layers.CutMix(factor=1.0): alpha: 1.0; one lambda a batch",
    },
)
def cutmix(table: Any, *, alpha: Positive = 1.0) -> Any:
    """In training a box of every image is another image's: one of its batch.

    Targets are mixed by the areas. alpha: lambda is drawn from Beta(alpha, alpha), > 0. The box has the area
    1 - lambda of the image and its shape; its centre is drawn over the whole image, and what sticks out is
    cut off, so lambda then becomes the area that is left. One box a batch. Class numbers become shares of
    classes with sum 1 ((n,) in [0, 1] for a net with one output). Inputs (n, channels, height, width). Raises
    ConfigError where the inputs are no images or the targets are numbers.
    """
    if len(table.in_shape) != 3:
        received = f"cutmix cuts boxes out of images; a row is {table.in_shape[0]} numbers"
        raise ConfigError(
            Problem(
                received,
                "expected images",
                "regularizers: {mixup: 0.2} mixes rows of numbers",
                code="no_images",
            )
        )
    if table.task.target == "real":
        received = "cutmix has no classes to mix by area: the targets are numbers"
        raise ConfigError(
            Problem(received, "expected classes or labels as targets", "cutmix: none", code="targets")
        )

    from ...nn.regularizers.soft_targets import CutMix

    return CutMix(table.task, alpha)
