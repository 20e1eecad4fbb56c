"""Scaling numbers against scikit-learn, and how little memory they take."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import torch
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from dnnlab.data.prepare.scaling import fit_scaling

GENERATOR = np.random.default_rng(0)
TABLE = GENERATOR.normal([0, 5, -300, 1e6], [1, 1e-3, 50, 2], (500, 4))
IMAGES = GENERATOR.integers(0, 256, (300, 3, 5, 4), np.uint8)
ROWS = np.sort(GENERATOR.permutation(300)[:200])


def test_standardize_equals_scikit_learn() -> None:
    scaling, known = fit_scaling(TABLE, ROWS, "standardize", "feature"), StandardScaler().fit(TABLE[ROWS])
    np.testing.assert_allclose(scaling.offset, known.mean_, rtol=1e-12)
    np.testing.assert_allclose(scaling.scale, known.scale_, rtol=1e-10)
    np.testing.assert_allclose(scaling.apply(TABLE), known.transform(TABLE), atol=1e-6, rtol=1e-6)
    np.testing.assert_array_equal(scaling.apply(TABLE, ROWS), scaling.apply(TABLE)[ROWS])


def test_unit_equals_scikit_learn() -> None:
    scaling, known = fit_scaling(TABLE, ROWS, "unit", "feature"), MinMaxScaler().fit(TABLE[ROWS])
    np.testing.assert_allclose(scaling.apply(TABLE), known.transform(TABLE), atol=1e-6)
    assert scaling.words() == "scaled to 0..1 per feature"


@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.int16])
def test_images_have_one_number_a_channel(kind: type) -> None:
    scaling = fit_scaling(IMAGES.astype(kind), ROWS, "standardize", "channel")
    values = IMAGES[ROWS].astype(np.float64)
    np.testing.assert_allclose(scaling.offset, values.mean(axis=(0, 2, 3), keepdims=True)[0], rtol=1e-12)
    np.testing.assert_allclose(scaling.scale, values.std(axis=(0, 2, 3), keepdims=True)[0], rtol=1e-12)
    train = scaling.apply(IMAGES.astype(kind), ROWS)
    assert train.dtype == torch.float32 and train.is_contiguous() and train.shape == (200, 3, 5, 4)
    np.testing.assert_allclose(train.double().std(dim=(0, 2, 3), unbiased=False), 1, atol=1e-6)


def test_images_may_have_numbers_for_every_pixel() -> None:
    scaling = fit_scaling(IMAGES, ROWS, "standardize", "feature")
    np.testing.assert_allclose(scaling.offset, IMAGES[ROWS].mean(axis=0), rtol=1e-12)
    assert scaling.scale.shape == (3, 5, 4)


def test_images_of_bytes_are_divided_by_255_and_others_by_their_range() -> None:
    scaling = fit_scaling(IMAGES, ROWS, "unit", "channel")
    np.testing.assert_allclose(scaling.apply(IMAGES), IMAGES / 255, atol=1e-7)
    assert scaling.words() == "divided by 255"
    grey = np.linspace(0, 16, 300 * 4).reshape(300, 1, 2, 2)
    assert fit_scaling(grey, np.arange(300), "unit", "channel").apply(grey).max() == 1


@pytest.mark.parametrize("value", [0.1, 0.0, 1e8 + 0.1, -7.3])
def test_a_constant_feature_becomes_0_with_scale_1(value: float) -> None:
    table = np.column_stack([np.full(500, value), TABLE[:, 0]])
    for method in ("standardize", "unit"):
        scaling = fit_scaling(table, ROWS, method, "feature")
        assert scaling.scale[0] == 1 and scaling.constant == 1
        assert (scaling.apply(table)[:, 0] == 0).all()


def test_none_leaves_the_numbers_as_they_are() -> None:
    scaling = fit_scaling(IMAGES, ROWS, None, "channel")
    np.testing.assert_array_equal(scaling.apply(IMAGES), IMAGES.astype(np.float32))
    assert (scaling.words(), scaling.tensors(), scaling.to_json()) == (
        "not scaled",
        {},
        {"method": None, "per": None, "constant": 0},
    )


def test_large_offsets_do_not_cost_digits() -> None:
    times = 1.7e9 + np.arange(500.0)[:, None]  # float32 alone would round these to multiples of 128
    scaled = fit_scaling(times, np.arange(500), "standardize", "feature").apply(times)
    np.testing.assert_allclose(np.diff(scaled[:, 0]), 1 / np.arange(500).std(), rtol=1e-3)


def test_temporaries_have_the_size_of_a_block() -> None:
    images = np.zeros((20000, 1, 28, 28), np.uint8)  # 16 MB; 63 MB in float32, 125 MB in float64
    images[::7] = 200
    rows = np.arange(20000)
    tracemalloc.start()
    try:
        fit_scaling(images, rows, "standardize", "channel").apply(images, rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8e6  # the result is torch's and not counted here
