"""`data.augment`: checked against the images, and made one function of scaled images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...errors import ConfigError, DnnlabError, Problem
from ...registry import Bound
from ..prepare.prepared_data import Prepared
from ..prepare.scaling import Scaling
from ..storage.row_stream import Streamed
from .color_ops import Colors
from .compose import Augmentation, AugmentBoth, Pixels
from .shape_checks import check_augment_shapes

Inputs = Tensor | Streamed
_BLOCK = 256  # images that are looked at at once
_ROUNDING = 1e-5  # what scaling to float32 and back may change


def check_augment(chosen: list[Bound], inputs: Tensor | Streamed, name: str) -> None:
    """Refuse augmentations that cannot act on such rows, all at once, before anything is created."""
    check_augment_shapes(chosen, tuple(inputs.shape[1:]), name)
    problems = [
        p.under(f"data.augment.{i}") for i, bound in enumerate(chosen) for p in _problems(bound, inputs[:1])
    ]
    ConfigError.raise_if_any(problems)


def _problems(bound: Bound, image: Tensor) -> Sequence[Problem]:
    """What an augmentation says itself when it is tried on one image."""
    channels = image.shape[1]
    try:
        with torch.random.fork_rng(devices=[]):
            _function(bound, Colors(torch.zeros(channels), torch.zeros(channels, channels)))(image.clone())
    except DnnlabError as error:
        return error.problems
    return []


def augmentations(
    chosen: list[Bound], data: Prepared, device: torch.device | str = "cpu"
) -> list[Augmentation]:
    """The augmentations of the training images as one function of scaled images, or nothing."""
    if not chosen:
        return []
    pixels = pixels_of(data)
    colors = colors_of(data.train.inputs, pixels) if any(bound.flag("fits") for bound in chosen) else None
    colors = None if colors is None else Colors(colors.mean.to(device), colors.covariance.to(device))
    steps = [_function(bound, colors) for bound in chosen]
    disturbing = [step for step, bound in zip(steps, chosen, strict=True) if bound.flag("disturbs")]
    return [Augmentation(steps, Pixels(pixels.gain.to(device), pixels.base.to(device)), disturbing)]


def copied_too(found: list[Augmentation], target: str, generator: torch.Generator) -> list[AugmentBoth]:
    """The augmentation of batches whose target is the input itself, if a step does more than disturb it.

    An autoencoder cannot know whether an image was mirrored, so what it is to give back is the mirrored one.
    """
    return [
        AugmentBoth(each, generator)
        for each in found
        if target == "input" and len(each.disturbing) < len(each.steps)
    ]


def pixels_of(data: Prepared) -> Pixels:
    """Black and white: 0 and 255 for bytes, 0 and 1 for numbers in [0, 1], else its extremes."""
    offset, scale = (np.asarray(numbers, np.float64) for numbers in (data.scaling.offset, data.scaling.scale))
    black, white = (
        (0.0, 255.0) if data.encoding["type"] == "uint8" else _range(data.train.inputs, data.scaling)
    )
    gain, base = (
        torch.from_numpy(np.asarray(n)).float()
        for n in (scale / (white - black), (offset - black) / (white - black))
    )
    return Pixels(gain, base)


def colors_of(inputs: Inputs, pixels: Pixels) -> Colors:
    """Mean and covariance of the channels over all pixels of these scaled images, summed in float64."""
    channels = inputs.shape[1]
    total, squares = (
        torch.zeros(channels, dtype=torch.float64),
        torch.zeros(channels, channels, dtype=torch.float64),
    )
    for block in _flat(inputs, pixels):
        total += block.sum(dim=1)
    count = inputs.numel() // channels
    mean = total / count
    for block in _flat(inputs, pixels):  # a second pass, since E(xy) - E(x)E(y) loses digits
        distance = block - mean[:, None]
        squares += distance @ distance.T
    return Colors(mean.float(), (squares / count).float())


def _blocks(inputs: Inputs) -> Iterator[Tensor]:
    """A few images at a time."""
    for start in range(0, len(inputs), _BLOCK):
        yield inputs[start : start + _BLOCK]


def _flat(inputs: Inputs, pixels: Pixels) -> Iterator[Tensor]:
    """The pixels of a few images at a time: (channels, many), float64."""
    for block in _blocks(inputs):
        yield pixels.of(block).double().transpose(0, 1).flatten(1)


def _function(bound: Bound, colors: Colors | None) -> Any:
    return bound(colors) if bound.flag("fits") else bound()


def _range(inputs: Inputs, scaling: Scaling) -> tuple[float, float]:
    ends = [torch.stack(torch.aminmax(block, dim=0)) for block in _blocks(inputs)]
    low, high = (
        each.double().numpy() * scaling.scale + scaling.offset
        for each in torch.aminmax(torch.cat(ends), dim=0)
    )
    black, white = float(low.min()), float(high.max())
    if black >= -_ROUNDING and white <= 1 + _ROUNDING:
        return 0.0, 1.0
    return (black, white) if white > black else (black, black + 1.0)
