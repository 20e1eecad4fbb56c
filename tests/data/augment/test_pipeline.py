"""`data.augment` in a config: what black and white are, the training part's colours, refusals, and whole
sessions.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dnnlab import registry
from dnnlab.assembly.session import build
from dnnlab.config import load_mapping
from dnnlab.data.augment.pipeline import augmentations, colors_of, pixels_of
from dnnlab.data.prepare.pipeline import prepare
from dnnlab.data.prepare.prepared_data import Prepared
from dnnlab.data.raw import RawDataset
from dnnlab.engine.loop import fit
from dnnlab.engine.records import Epoch
from dnnlab.engine.step import make_batches
from dnnlab.errors import DnnlabError

RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (60, 3, 12, 12), np.uint8) // np.array([1, 2, 3], np.uint8)[:, None, None]
CLASSES = np.arange(60) % 3
EVERYTHING: list[Any] = [
    *("flip", "vertical_flip", "crop", "shift", "rotate", "zoom"),
    *("brightness", "contrast", "saturation", "hue", "pca_color", "cutout", "noise"),
]


def of(images: np.ndarray, **keys: Any) -> Prepared:
    raw = RawDataset((images, CLASSES[: len(images)]), class_names=("a", "b", "c"))
    return prepare(raw, registry.bind("data", {"name": "arrays", **keys}))


@pytest.mark.parametrize("keys", [{"scale": None}, {"scale": "unit"}, {}, {"scale_per": "feature"}], ids=str)
@pytest.mark.parametrize(
    ("images", "black", "white"),
    [
        (BYTES, 0, 255),
        ((BYTES / 255 * 0.9).astype(np.float32), 0, 1),
        (BYTES / 16 - 2, -2, 255 / 16 - 2),
        (BYTES.astype(np.int64) * 100, 0, 25500),
    ],
    ids=["bytes", "unit", "floats", "integers"],
)
def test_black_is_0_and_white_is_1_whatever_the_scaling(
    images: np.ndarray, black: float, white: float, keys: dict[str, Any]
) -> None:
    data = of(images, validation=None, test=None, **keys)
    found = pixels_of(data).of(data.train.inputs)
    expected = (images[data.split["train"]].astype(np.float64) - black) / (white - black)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)
    back = pixels_of(data).scaled(found)
    torch.testing.assert_close(back, data.train.inputs, atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize("scale", [None, "standardize"])
def test_the_colours_are_those_of_the_training_part(scale: str | None) -> None:
    data = of(BYTES, scale=scale)
    colors = colors_of(data.train.inputs, pixels_of(data))
    pixels = (BYTES[data.split["train"]] / 255.0).transpose(1, 0, 2, 3).reshape(3, -1)
    np.testing.assert_allclose(colors.mean.numpy(), pixels.mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(colors.covariance.numpy(), np.cov(pixels, bias=True), atol=1e-6)


@pytest.mark.parametrize("images", [BYTES, BYTES / 16 - 2], ids=["bytes", "floats"])
def test_images_that_do_not_fit_into_memory_have_the_same_colours(images: np.ndarray) -> None:
    kept, streamed = (of(images, in_memory=in_memory) for in_memory in (True, False))
    assert not isinstance(streamed.train.inputs, torch.Tensor)
    found, expected = (colors_of(data.train.inputs, pixels_of(data)) for data in (streamed, kept))
    assert torch.equal(found.mean, expected.mean) and torch.equal(found.covariance, expected.covariance)


def test_a_list_acts_on_pixels_under_every_scaling() -> None:
    results = []
    for scale in (None, "unit", "standardize"):
        data = of(BYTES, scale=scale, augment=EVERYTHING)
        chosen = registry.bind("data", {"name": "arrays", "augment": EVERYTHING}).common["augment"]
        (augment,) = augmentations(chosen, data)
        torch.default_generator.manual_seed(1)
        results.append(pixels_of(data).of(augment(data.train.inputs)))
    torch.testing.assert_close(results[1], results[0], atol=1e-4, rtol=0)
    torch.testing.assert_close(results[2], results[0], atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("images", "augment", "said"),
    [
        (
            BYTES[:, :1],
            ["shift", {"name": "hue", "degrees": 20}],
            "data.augment.1: hue changes red, green and blue; an image of arrays has 1 channel; "
            "expected images of 3 channels; "
            "remove hue; brightness and contrast act on any image",
        ),
        (
            BYTES[:, :2],
            ["saturation"],
            "data.augment.0: saturation changes red, green and blue; an image of arrays has 2 channels",
        ),
        (BYTES[:, :1], ["pca_color"], "data.augment.0: pca_color changes red, green and blue"),
        (
            BYTES,
            ["flip", {"name": "crop", "padding": 12}],
            "data.augment.1.padding: 12 pixels of padding around 12x12 images can leave nothing of "
            "the image; expected at most 11; "
            "write padding: 2",
        ),
        (
            BYTES,
            [{"name": "cutout", "fraction": 0.05}],
            "data.augment.0.fraction: 0.05 of 12x12 images is less than one pixel; expected at least 0.0834",
        ),
        (
            np.ones((60, 4)) * np.arange(60)[:, None],
            ["brightness"],
            (
                "data.augment: brightness changes images; a row of arrays is 4 numbers; expected "
                "images; remove data.augment"
            ),
        ),
    ],
)
def test_what_cannot_act_is_said_with_its_place(images: np.ndarray, augment: list[Any], said: str) -> None:
    state = torch.get_rng_state()
    with pytest.raises(DnnlabError) as caught:
        of(images, augment=augment)
    assert str(caught.value.problems[0]).startswith(said)
    assert torch.equal(state, torch.get_rng_state())


def test_all_that_cannot_act_is_said_at_once() -> None:
    with pytest.raises(DnnlabError) as caught:
        of(
            BYTES[:, :1],
            augment=["hue", "flip", {"name": "crop", "padding": 40}, {"name": "shift", "fraction": 0.01}],
        )
    assert [p.path for p in caught.value.problems] == [
        "data.augment.0",
        "data.augment.2.padding",
        "data.augment.3.fraction",
    ]


@cache
def trained(augment: str) -> tuple[list[float], torch.Tensor]:
    """Losses of two epochs on digits in three colours, and the first weights afterwards."""
    grey = registry.build("data", "digits", Path()).train
    images = np.clip(grey[0][:200] * np.array([1.0, 0.7, 0.4]).reshape(3, 1, 1), 0, 16).astype(np.float32)
    chosen = {"name": augment, **registry.find("augment", augment).example} if augment else None
    config = {
        "data": {"name": "arrays", "augment": [chosen] if chosen else []},
        "architecture": {"hidden": [16]},
        "optimizer": {"name": "adam", "lr": 0.01},
        "training": {"epochs": 2, "batch_size": 20, "threads": 1},
    }
    session = build(
        load_mapping(config), RawDataset((images, grey[1][:200]), class_names=tuple("0123456789"))
    ).session
    losses = [record.row["train_loss"] for record in fit(session) if isinstance(record, Epoch)]
    return losses, next(session.net.parameters()).detach().clone()


@pytest.mark.parametrize("name", [entry.name for entry in registry.entries("augment")])
def test_every_augmentation_trains_and_makes_a_difference(name: str) -> None:
    losses, weights = trained(name)
    other = trained("flip" if name != "flip" else "noise")[1]
    assert losses[1] < losses[0]
    assert not torch.equal(weights, trained("")[1]) and not torch.equal(weights, other)


@pytest.mark.parametrize(
    "architecture", [{"hidden": [8]}, {"name": "cnn", "blocks": [[4]]}], ids=["mlp", "cnn"]
)
def test_a_session_augments_its_training_batches_alone(architecture: dict[str, Any]) -> None:
    config = {
        "data": {"name": "arrays", "augment": EVERYTHING},
        "architecture": architecture,
        "training": {"epochs": 1},
    }
    session = build(load_mapping(config), RawDataset((BYTES, CLASSES), class_names=("a", "b", "c"))).session
    before = session.train.inputs.clone()
    rows = torch.arange(8)
    batches = []
    for seed in (5, 5, 6):
        session.generator.manual_seed(seed)
        batches.append(make_batches(session, rows, session.train)[0].inputs)
    assert torch.equal(batches[0], batches[1]) and not torch.equal(batches[0], batches[2])
    assert batches[0].isfinite().all() and not torch.equal(batches[0], session.train.inputs[rows])
    assert torch.equal(before, session.train.inputs)


def copied(augment: list[Any], **keys: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Eight images as an autoencoder gets them, its targets, and the images as they are; (8,
    numbers) each.
    """
    config = {
        "data": {"name": "arrays", "augment": augment, **keys},
        "architecture": {"name": "autoencoder", "hidden": [8]},
    }
    session = build(load_mapping(config), RawDataset((BYTES, CLASSES), class_names=("a", "b", "c"))).session
    session.generator.manual_seed(5)
    batch = make_batches(session, torch.arange(8), session.train)[0]
    return batch.inputs.flatten(1), batch.targets, session.train.inputs[:8].flatten(1)


@pytest.mark.parametrize(
    "augment", [["flip", "shift"], ["crop"], ["rotate", "zoom", "contrast", "hue"]], ids=str
)
def test_what_moves_or_recolours_acts_on_the_target_of_an_autoencoder_too(augment: list[Any]) -> None:
    inputs, targets, plain = copied(augment)
    assert torch.equal(inputs, targets) and not torch.equal(inputs, plain)


@pytest.mark.parametrize("augment", [["noise"], ["cutout"], ["cutout", "noise"]], ids=str)
def test_what_only_disturbs_leaves_the_target_of_an_autoencoder_alone(augment: list[Any]) -> None:
    inputs, targets, plain = copied(augment)
    assert torch.equal(targets, plain) and not torch.equal(inputs, plain)


@pytest.mark.parametrize("keys", [{}, {"scale": "unit"}, {"scale_per": "feature"}], ids=str)
def test_both_moves_by_the_same_draws_and_the_disturbance_stays_out_of_the_target(
    keys: dict[str, Any],
) -> None:
    inputs, targets, plain = copied([{"noise": 1e-3}, "flip", "vertical_flip", "shift"], **keys)
    torch.testing.assert_close(
        inputs, targets, atol=0.05, rtol=0
    )  # of the noise alone; any other move differs by far more
    moved, _, _ = copied(["flip", "vertical_flip", "shift"], **keys)
    assert not torch.equal(inputs, targets) and not torch.equal(targets, plain)
    assert (moved - plain).abs().max() > 0.3
