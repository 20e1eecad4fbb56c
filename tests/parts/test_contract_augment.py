"""The contract of every augmentation: pixels in [0, 1] to pixels, drawn from the device's default generator
alone.
"""

from __future__ import annotations

import time

import pytest
import torch

from dnnlab import registry
from dnnlab.data.augment.color_ops import Colors
from dnnlab.errors import ConfigError

FORMS = [
    pytest.param({"name": e.name, **keys}, id=f"{e.name}-{'example' if keys else 'defaults'}")
    for e in registry.entries("augment")
    for keys in ({}, dict(e.example))
    if keys or not any(field.required for field in e.own_fields.values())
]
Spec = dict[str, object]


COLORS = Colors(
    torch.tensor([0.5, 0.4, 0.3]), torch.tensor([[0.08, 0.06, 0.05], [0.06, 0.07, 0.06], [0.05, 0.06, 0.09]])
)


def images(n: int = 16, channels: int = 3, height: int = 16, width: int = 20) -> torch.Tensor:
    return torch.rand(n, channels, height, width, generator=torch.Generator().manual_seed(1))


def run(spec: Spec, batch: torch.Tensor, seed: int = 0, colors: Colors = COLORS) -> torch.Tensor:
    torch.default_generator.manual_seed(seed)
    bound = registry.bind("augment", spec)
    result: torch.Tensor = (bound(colors) if bound.flag("fits") else bound())(batch)
    return result


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


@pytest.mark.parametrize("spec", FORMS)
def test_what_is_drawn_depends_on_the_batch_s_size_alone(spec: Spec) -> None:
    states = []
    for batch in (images(), torch.zeros_like(images()), 1 - images()):
        run(spec, batch)
        states.append(torch.default_generator.get_state())
    assert torch.equal(states[0], states[1]) and torch.equal(states[0], states[2])


@pytest.mark.parametrize(
    "spec", [form for form in FORMS if not registry.bind("augment", form.values[0]).flag("rgb")]
)
def test_grey_images_too(spec: Spec) -> None:
    batch = images(64, 1, 12, 10)
    result = run(spec, batch, colors=Colors(torch.tensor([0.5]), torch.tensor([[0.1]])))
    assert result.shape == batch.shape and not torch.equal(result, batch)


@pytest.mark.slow  # the first use of the meta device imports for four seconds
@pytest.mark.parametrize("spec", FORMS)
def test_all_is_made_on_the_images_device_and_nothing_is_read_back(spec: Spec) -> None:
    colors = Colors(COLORS.mean.to("meta"), COLORS.covariance.to("meta"))
    state = torch.default_generator.get_state()
    bound = registry.bind("augment", spec)
    result = (bound(colors) if bound.flag("fits") else bound())(
        images().to("meta")
    )  # a number of it would be refused
    assert result.device.type == "meta" and result.shape == images().shape
    assert torch.equal(state, torch.default_generator.get_state())


@pytest.mark.parametrize("spec", FORMS)
def test_the_layout_in_memory_does_not_matter(spec: Spec) -> None:
    torch.testing.assert_close(
        run(spec, images().contiguous(memory_format=torch.channels_last)), run(spec, images())
    )


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("fraction", "shape", "reach"),
    [(0.1, (28, 28), (2, 2)), (0.25, (12, 20), (3, 5)), (0.29, (100, 10), (29, 2))],
)
def test_shift_moves_by_whole_pixels_and_repeats_the_edge(
    fraction: float, shape: tuple[int, int], reach: tuple[int, int], channels: int
) -> None:
    (height, width), (down, right) = shape, reach
    batch = torch.arange(300 * channels * height * width, dtype=torch.float32).view(
        300, channels, height, width
    )
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
    assert str(caught.value) == (
        "fraction: 0.1 of 8x8 images is less than one pixel; expected at least 0.125; write "
        "fraction: 0.125 or more"
    )
    with pytest.raises(ConfigError, match=r"write fraction: 0\.0358 or more"):
        run({"name": "shift", "fraction": 0.01}, images(2, 1, 28, 28))
    assert run({"name": "shift", "fraction": 0.0358}, images(2, 1, 28, 28)).shape == (2, 1, 28, 28)


@pytest.mark.parametrize(
    ("name", "key", "values"),
    [
        *((name, "fraction", (0, 1, -0.1, 1.5)) for name in ("shift", "zoom", "cutout")),
        *((name, "fraction", (0, -0.1, 1.01)) for name in ("brightness", "contrast", "saturation")),
        *((name, "degrees", (0, -5, 181)) for name in ("rotate", "hue")),
        *((name, "std", (0, -1)) for name in ("noise", "pca_color")),
        *((name, "probability", (0, 1.1)) for name in ("flip", "vertical_flip", "cutout")),
        ("crop", "padding", (0, -1)),
    ],
)
def test_values_out_of_range_are_refused(name: str, key: str, values: tuple[float, ...]) -> None:
    for value in values:
        with pytest.raises(ConfigError, match=rf"augment\.{key}: received .*expected a (whole )?number [<>]"):
            registry.bind("augment", {"name": name, key: value})


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
