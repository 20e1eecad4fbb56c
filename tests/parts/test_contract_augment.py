"""The contract of every augmentation: a batch of images to a batch of images, drawn from the device's default generator alone."""

from __future__ import annotations

import time

import pytest
import torch

from dnnlab import registry
from dnnlab.errors import ConfigError

FORMS = [
    pytest.param({"name": e.name, **keys}, id=f"{e.name}-{'example' if keys else 'defaults'}")
    for e in registry.entries("augment")
    for keys in ({}, dict(e.example))
    if keys or not any(field.required for field in e.own_fields.values())
]
Spec = dict[str, object]


def images(n: int = 16, channels: int = 3, height: int = 16, width: int = 20) -> torch.Tensor:
    return torch.randn(n, channels, height, width, generator=torch.Generator().manual_seed(1))


def run(spec: Spec, batch: torch.Tensor, seed: int = 0) -> torch.Tensor:
    torch.default_generator.manual_seed(seed)
    return registry.build("augment", spec)(batch)


@pytest.mark.parametrize("spec", FORMS)
@pytest.mark.parametrize("n", [1, 16])
def test_shape_and_type_stay_and_the_batch_is_not_touched(spec: Spec, n: int) -> None:
    batch = images(n)
    before = batch.clone()
    result = run(spec, batch)
    assert result.shape == batch.shape and result.dtype == batch.dtype and result.isfinite().all()
    assert torch.equal(batch, before)


@pytest.mark.parametrize("spec", FORMS)
def test_the_seed_of_the_default_generator_decides(spec: Spec) -> None:
    assert torch.equal(run(spec, images(), 3), run(spec, images(), 3))
    assert not torch.equal(run(spec, images(), 3), run(spec, images(), 4))


@pytest.mark.parametrize("spec", FORMS)
def test_images_of_one_batch_are_changed_differently(spec: Spec) -> None:
    result = run(spec, images(1).expand(64, -1, -1, -1).contiguous())
    assert len({bytes(image.numpy().tobytes()) for image in result}) > 1


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("fraction", "shape", "reach"), [(0.1, (28, 28), (2, 2)), (0.25, (12, 20), (3, 5)), (0.29, (100, 10), (29, 2))])
def test_shift_moves_by_whole_pixels_and_repeats_the_edge(
    fraction: float, shape: tuple[int, int], reach: tuple[int, int], channels: int
) -> None:
    (height, width), (down, right) = shape, reach
    batch = torch.arange(300 * channels * height * width, dtype=torch.float32).view(300, channels, height, width)
    result = run({"name": "shift", "fraction": fraction}, batch)
    wide = torch.nn.functional.pad(batch, (right, right, down, down), mode="replicate")
    seen = set()
    for image, moved in zip(wide, result, strict=True):
        fits = [
            (dy, dx)
            for dy in range(-down, down + 1)
            for dx in range(-right, right + 1)
            if torch.equal(moved, image[:, down - dy : down - dy + height, right - dx : right - dx + width])
        ]
        assert len(fits) == 1
        seen.update(fits)
    assert {min(dy for dy, _ in seen), max(dy for dy, _ in seen)} == {-down, down}
    assert {min(dx for _, dx in seen), max(dx for _, dx in seen)} == {-right, right}


def test_shift_moves_down_and_right_for_a_marker() -> None:
    batch = torch.zeros(200, 1, 9, 9)
    batch[:, :, 4, 4] = 1
    places = run({"name": "shift", "fraction": 0.25}, batch).flatten(1).argmax(dim=1)
    assert set(places.tolist()) == {9 * row + column for row in range(2, 7) for column in range(2, 7)}


def test_shift_says_when_nothing_can_move() -> None:
    with pytest.raises(ConfigError) as caught:
        run({"name": "shift", "fraction": 0.1}, images(2, 1, 8, 8))
    assert str(caught.value) == "fraction: 0.1 of 8x8 images is less than one pixel; expected at least 0.125; write fraction: 0.125 or more"
    with pytest.raises(ConfigError, match=r"write fraction: 0\.0358 or more"):
        run({"name": "shift", "fraction": 0.01}, images(2, 1, 28, 28))
    assert run({"name": "shift", "fraction": 0.0358}, images(2, 1, 28, 28)).shape == (2, 1, 28, 28)


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5])
def test_shift_refuses_fractions_that_are_none(fraction: float) -> None:
    with pytest.raises(ConfigError, match=r"augment\.fraction: received .*expected a number [<>] [01]"):
        registry.bind("augment", {"name": "shift", "fraction": fraction})


@pytest.mark.slow
def test_shift_is_fast() -> None:
    batch, threads = images(128, 1, 28, 28), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        shift = registry.build("augment", "shift")
        times = []
        for _ in range(200):
            start = time.perf_counter()
            shift(batch)
            times.append(time.perf_counter() - start)
    finally:
        torch.set_num_threads(threads)
    assert sorted(times)[50] < 0.6e-3
