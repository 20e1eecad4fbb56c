"""Shift, rotation, zoom, mirroring and cropping, exact on images with one marked pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dnnlab import registry
from dnnlab.data.augment.flip_crop import Crop, Flip, VerticalFlip
from dnnlab.data.augment.geometry import (
    Composed,
    Rotate,
    Shift,
    Zoom,
    magnification,
    resample,
    rotation,
    translation,
)

TURN = torch.tensor([90.0])


def marker(row: int, column: int, height: int = 9, width: int = 9, n: int = 1) -> Tensor:
    image = torch.zeros(n, 1, height, width)
    image[:, :, row, column] = 1
    return image


def place(image: Tensor) -> tuple[int, int]:
    """Where the one marked pixel is now."""
    found = (image.view(image.shape[-2:]) > 0.999).nonzero()
    assert len(found) == 1 and image.sum().item() == pytest.approx(1, abs=1e-4)
    return int(found[0, 0]), int(found[0, 1])


def places(images: Tensor) -> list[tuple[int, int]]:
    return [place(image) for image in images]


@pytest.mark.parametrize(
    ("maps", "expected"),
    [
        (translation(torch.tensor([2.0]), torch.tensor([-1.0])), (1, 7)),
        (rotation(TURN), (3, 2)),  # right of the centre goes above it: counterclockwise
        (rotation(2 * TURN), (6, 3)),
        (rotation(-TURN), (5, 6)),
    ],
)
def test_a_pixel_moves_to_the_computed_place(maps: Tensor, expected: tuple[int, int]) -> None:
    assert place(resample(marker(2, 5), maps)) == expected


@pytest.mark.parametrize(("height", "width"), [(9, 9), (5, 11), (8, 6)])
def test_half_a_turn_is_both_flips_whatever_the_shape(height: int, width: int) -> None:
    image = torch.rand(3, 2, height, width)
    torch.testing.assert_close(
        resample(image, rotation(torch.full((3,), 180.0))), image.flip(2, 3), atol=1e-5, rtol=0
    )


def test_a_turn_of_a_square_image_is_numpy_s() -> None:
    image = torch.rand(2, 3, 8, 8)
    turned = resample(image, rotation(TURN.expand(2)))
    np.testing.assert_allclose(turned.numpy(), np.rot90(image.numpy(), axes=(2, 3)), atol=1e-5)


def test_zoom_by_two_doubles_distances_from_the_centre_and_half_repeats_the_edge() -> None:
    line = torch.arange(9.0).expand(1, 1, 9, 9).contiguous()
    larger = resample(line, magnification(torch.tensor([2.0])))[0, 0, 0]
    torch.testing.assert_close(larger, torch.arange(2.0, 6.1, 0.5), atol=1e-5, rtol=0)
    smaller = resample(line, magnification(torch.tensor([0.5])))[0, 0, 0]
    torch.testing.assert_close(smaller, torch.tensor([0.0, 0, 0, 2, 4, 6, 8, 8, 8]), atol=1e-5, rtol=0)


def test_the_list_s_order_is_the_order_of_the_maps() -> None:
    class Turn(Rotate):
        def maps(self, images: Tensor) -> Tensor:
            return rotation(TURN)

    class Move(Shift):
        def maps(self, images: Tensor) -> Tensor:
            return translation(torch.tensor([2.0]), torch.tensor([0.0]))

    turn, move = Turn(90), Move(0.3)
    assert place(Composed([move, turn])(marker(4, 5))) == (
        1,
        4,
    )  # right by two, then that is above the centre
    assert place(Composed([turn, move])(marker(4, 5))) == (3, 6)


def test_composed_maps_are_those_of_one_after_the_other() -> None:
    smooth = torch.nn.functional.avg_pool2d(torch.rand(8, 3, 46, 46), 7, 1)
    steps: list[Any] = [Shift(0.1), Rotate(20), Zoom(0.2)]
    torch.default_generator.manual_seed(3)
    together = Composed(steps)(smooth)
    torch.default_generator.manual_seed(3)
    in_turn = smooth
    for step in steps:
        in_turn = resample(in_turn, step.maps(in_turn))
    inside = (..., slice(12, 28), slice(12, 28))  # farther out, one after the other repeats edges of edges
    torch.testing.assert_close(together[inside], in_turn[inside], atol=0.03, rtol=0)


def test_shift_by_resampling_is_shift_by_gathering() -> None:
    images = torch.rand(16, 3, 12, 20)
    shift = Shift(0.25)
    torch.default_generator.manual_seed(0)
    gathered = shift(images)
    torch.default_generator.manual_seed(0)
    torch.testing.assert_close(resample(images, shift.maps(images)), gathered, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("flip", "mirrored"), [(Flip, (2, 3)), (VerticalFlip, (6, 5))])
def test_flips_mirror_or_leave_alone(flip: type[Flip | VerticalFlip], mirrored: tuple[int, int]) -> None:
    found = places(flip(0.3)(marker(2, 5, n=400)))
    assert set(found) == {(2, 5), mirrored}
    assert 80 < found.count(mirrored) < 160  # 120 expected, four deviations of 9.2
    assert set(places(flip(1.0)(marker(2, 5, n=20)))) == {mirrored}


@pytest.mark.parametrize("fill", ["black", "edge", "mirror"])
def test_crop_cuts_out_of_the_padded_image(fill: str) -> None:
    images = torch.rand(300, 3, 6, 8) + 0.5
    modes: dict[str, Any] = {
        "black": {"mode": "constant"},
        "edge": {"mode": "edge"},
        "mirror": {"mode": "reflect"},
    }
    wide = np.pad(images.numpy(), ((0, 0), (0, 0), (2, 2), (2, 2)), **modes[fill])
    seen = set()
    for i, image in enumerate(Crop(2, fill)(images).numpy()):
        fits = [
            (y, x)
            for y in range(5)
            for x in range(5)
            if np.array_equal(image, wide[i, :, y : y + 6, x : x + 8])
        ]
        assert len(fits) == 1
        seen.update(fits)
    assert len(seen) == 25


def drawn(name: str, **keys: float) -> Tensor:
    """Maps of 20,000 small images."""
    torch.default_generator.manual_seed(0)
    maps: Tensor = registry.build("augment", {"name": name, **keys}).maps(torch.zeros(20_000, 1, 10, 10))
    return maps


def test_angles_fill_their_range_evenly() -> None:
    maps = drawn("rotate", degrees=30)
    angles = torch.rad2deg(torch.atan2(maps[:, 1, 0], maps[:, 0, 0]))
    assert -30 <= angles.min() < -29.9 and 29.9 < angles.max() <= 30
    assert abs(angles.mean()) < 0.4 and angles.std().item() == pytest.approx(60 / 12**0.5, rel=0.02)


def test_zooms_fill_their_range_evenly() -> None:
    factors = 1 / drawn("zoom", fraction=0.4)[:, 0, 0]
    assert 0.6 - 1e-6 <= factors.min() < 0.602 and 1.398 < factors.max() <= 1.4 + 1e-6
    assert factors.mean().item() == pytest.approx(1, abs=0.006) and factors.std().item() == pytest.approx(
        0.8 / 12**0.5, rel=0.02
    )


def test_shifts_are_equally_likely() -> None:
    maps = drawn("shift", fraction=0.2)
    counts = torch.stack([(maps[:, 0, 2] == dx).sum() for dx in range(-2, 3)])
    assert counts.sum() == 20_000 and (counts - 4000).abs().max() < 230  # four deviations of 57
    assert set(maps[:, 1, 2].tolist()) == {-2, -1, 0, 1, 2}
