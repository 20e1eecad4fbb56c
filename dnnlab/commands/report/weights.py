"""The weights of a run's first layer as pictures, if its inputs are images."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from ...errors import RunError
from ...rundir.weights import moment, newest_checkpoint, weights
from .records import Records

if TYPE_CHECKING:
    import numpy as np

MOST = 64
SMALLEST = 2  # pixels of a side


@dataclass(frozen=True)
class FirstWeights:
    """The weights of the first layer."""

    layer: str
    """The name of the layer."""
    units: np.ndarray
    """(n, channels, height, width), the weights of the first n units."""
    count: int
    """The number of units of the layer."""
    epoch: int
    """The epoch of the weights."""


def first_weights(records: Records) -> FirstWeights | str:
    """The weights of the first layer at the best epoch, or a sentence why there is no picture of them."""
    shape = records.run.data.in_shape
    if shape is None or len(shape) != 3:
        return (
            "The inputs are no images, so the first layer's weights are no pictures."
            if shape
            else "data.json does not say what the inputs are."
        )
    if shape[0] not in (1, 3):
        return f"The images have {shape[0]} channels; pictures of weights need 1 or 3."
    try:
        loaded = newest_checkpoint(records.run)
        state = weights(records.run.name, loaded.checkpoint, "best")
    except RunError as error:
        return f"There are no weights: {error.problems[0].received}."
    for name, tensor in state.items():
        if tensor.ndim in (2, 4) and name.rpartition(".")[2].startswith("weight"):
            break
    else:
        return "No layer of this net has weights."
    layer = name.removesuffix(".weight")
    images = _as_images(tensor.detach().float().numpy(), shape)
    if images is None:
        return (
            f"The first layer with weights ({layer}, {'x'.join(str(n) for n in tensor.shape)}) does not look "
            "at the image's pixels."
        )
    return FirstWeights(layer, images[:MOST], len(images), moment(loaded.checkpoint, "best")[0])


def _as_images(weight: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """(n, channels, height, width), None if the weights do not belong to places of an image."""
    if weight.ndim == 2 and weight.shape[1] == prod(shape):
        weight = weight.reshape(-1, *shape)
    whole = weight.ndim == 4 and weight.shape[1] == shape[0] and min(weight.shape[2:]) >= SMALLEST
    return weight if whole else None
