"""A whole list on scaled images: colours mean pixels whatever the scaling, neighbouring maps are one, layout
changes nothing.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from dnnlab.data.augment.color_ops import Colors, brightened, by_angle, by_factor
from dnnlab.data.augment.compose import Augmentation, Pixels
from dnnlab.data.augment.cutout_noise import Cutout, Noise
from dnnlab.data.augment.flip_crop import Crop, Flip
from dnnlab.data.augment.geometry import Composed, Rotate, Shift, Zoom

PLAIN = Pixels(torch.ones(()), torch.zeros(()))
CHANNELS = Pixels(torch.tensor([0.2, 0.3, 0.25]).view(3, 1, 1), torch.tensor([0.5, 0.4, 0.45]).view(3, 1, 1))
PLACES = Pixels(torch.linspace(0.1, 0.5, 192).view(3, 8, 8), torch.linspace(0.3, 0.6, 192).view(3, 8, 8))
CUTOUT = Cutout(0.4, "mean", 1.0, Colors(torch.tensor([0.1, 0.2, 0.3]), torch.eye(3)))
LISTS: dict[str, list[Any]] = {
    "moves": [Shift(0.2), Flip(0.5)],
    "maps": [Shift(0.2), Rotate(20), Zoom(0.2)],
    "black border": [Crop(2, "black")],
    "mirrored border": [Crop(2, "mirror")],
    "colours": [by_factor(brightened, 0.4), by_angle(30)],
    "all": [Flip(0.5), Rotate(10), by_factor(brightened, 0.4), CUTOUT, Noise(0.1)],
}


def run(steps: list[Any], pixels: Pixels, images: Tensor) -> Tensor:
    """The pixels that come out for pixels that go in."""
    torch.default_generator.manual_seed(0)
    return pixels.of(Augmentation(steps, pixels)(pixels.scaled(images)))


@pytest.mark.parametrize("pixels", [CHANNELS, PLACES], ids=["per channel", "per place"])
@pytest.mark.parametrize("name", LISTS)
def test_the_scaling_changes_nothing(name: str, pixels: Pixels) -> None:
    images = torch.rand(6, 3, 8, 8)
    torch.testing.assert_close(
        run(LISTS[name], pixels, images), run(LISTS[name], PLAIN, images), atol=2e-5, rtol=0
    )


def test_pixels_that_only_move_keep_their_bits() -> None:
    scaled = torch.randn(6, 3, 8, 8)
    result = Augmentation([Shift(0.2), Flip(0.5)], CHANNELS)(scaled)
    assert set(result.flatten().tolist()) <= set(scaled.flatten().tolist())


def test_neighbouring_maps_resample_once() -> None:
    steps = Augmentation(
        [Shift(0.2), Rotate(9), Flip(0.5), Zoom(0.1), Rotate(9), Rotate(9), Noise(0.1), Shift(0.2)], PLAIN
    ).steps
    assert [len(step.steps) if isinstance(step, Composed) else type(step) for step in steps] == [
        2,
        Flip,
        3,
        Noise,
        Shift,
    ]


@pytest.mark.parametrize("name", LISTS)
def test_the_memory_layout_changes_nothing(name: str) -> None:
    images = torch.rand(6, 3, 8, 8)
    steps = Augmentation(LISTS[name], CHANNELS)
    results = []
    for given in (images, images.contiguous(memory_format=torch.channels_last)):
        torch.default_generator.manual_seed(0)
        results.append(steps(given))
    assert torch.equal(*results)


def test_a_function_of_a_plugin_sees_pixels() -> None:
    seen = []

    def look(images: Tensor) -> Tensor:
        seen.append(images)
        return images

    images = torch.rand(2, 3, 8, 8)
    torch.testing.assert_close(
        Augmentation([look], CHANNELS)(CHANNELS.scaled(images)), CHANNELS.scaled(images)
    )
    torch.testing.assert_close(seen[0], images)
