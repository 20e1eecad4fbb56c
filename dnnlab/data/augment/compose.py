"""A whole list of augmentations on scaled images: `Augmentation`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from ...nn.batch import Batch
from .geometry import Composed, Geometric

Step = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Pixels:
    """Convert scaled inputs to pixels in [0, 1] (0 black, 1 white) and back: pixel = scaled * gain + base.

    gain, base: (channels, 1, 1) or (), float32, on the device; (channels, height, width) where every place is
    scaled by itself.
    """

    gain: Tensor
    base: Tensor

    def of(self, scaled: Tensor) -> Tensor:
        """The pixels of scaled images."""
        return scaled.mul(self.gain).add_(
            self.base
        )  # two passes in place: faster than addcmul with broadcast operands

    def scaled(self, pixels: Tensor) -> Tensor:
        """The scaled images of pixels."""
        return pixels.sub(self.base).div_(self.gain)


@runtime_checkable
class MovingStep(Protocol):
    """A step that says whether it only moves pixels, so that their values stay."""

    moves: bool


class Augmentation:
    """Apply every step in turn to the pixels in [0, 1], whatever the scaling of the inputs.

    Neighbouring affine maps are composed, so that images are resampled once.
    Steps that only move pixels (`moves`) act alike on scaled images where all places are scaled alike; if all
    are such, nothing is converted, and pixels that are not computed anew keep their bits. disturbing: those
    that only hide or blur what is there (noise).
    """

    def __init__(self, steps: Sequence[Step], pixels: Pixels, disturbing: Sequence[Step] = ()) -> None:
        self.steps, self.disturbing = list(_composed(steps)), list(disturbing)
        alike = pixels.gain.shape[-2:].numel() == 1
        self.pixels = (
            None if alike and all(isinstance(step, MovingStep) and step.moves for step in steps) else pixels
        )

    def __call__(self, images: Tensor) -> Tensor:
        """The augmented images."""
        # Channel by channel: whatever looks at one channel reads neighbours, and every draw meets the same
        # pixel in both layouts.
        images = images.contiguous()
        result = images if self.pixels is None else self.pixels.of(images)
        for step in self.steps:
            result = step(result)
        return result if self.pixels is None else self.pixels.scaled(result)


class AugmentBoth:
    """Augment a batch whose targets are its inputs, flattened.

    Steps that move or recolour an image act on both, with the same draws.
    The disturbing steps act on the input alone, which the net is then to clean. generator: the device's own.
    """

    def __init__(self, augmentation: Augmentation, generator: torch.Generator) -> None:
        self.steps, self.disturbing = augmentation.steps, augmentation.disturbing
        self.pixels, self.generator = augmentation.pixels, generator

    def __call__(self, batch: Batch) -> Batch:
        """The batch with augmented inputs and targets."""
        images = batch.inputs.contiguous()
        result = target = images if self.pixels is None else self.pixels.of(images)
        for step in self.steps:
            if step in self.disturbing:
                result = step(result)
            elif result is target:
                result = target = step(result)
            else:
                drawn = self.generator.get_state()
                target = step(target)
                self.generator.set_state(drawn)
                result = step(result)
        if self.pixels is not None:
            result, target = (self.pixels.scaled(each) for each in (result, target))
        return batch._replace(inputs=result, targets=target.flatten(1))


def _composed(steps: Sequence[Any]) -> Iterator[Step]:
    """The steps, runs of several affine maps made one."""
    for geometric, run in groupby(steps, lambda step: isinstance(step, Geometric)):
        several = list(run)
        yield from [Composed(several)] if geometric and len(several) > 1 else several
