"""Normalizations: outputs in training, running statistics, divided weights."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import torch
from torch import nn

from .cases import IMAGES, ROWS, flat, says


def normalizations() -> None:
    """Outputs in training, and running statistics; Keras gets images with channels last."""
    rows, images = torch.tensor(ROWS), torch.tensor(IMAGES)
    N = keras.layers  # noqa: N806

    def case(
        name: str,
        library: str,
        clause: str,
        theirs: Any,
        inputs: str = "rows",
        measure: str = "outputs",
        **how: Any,
    ) -> None:
        keys = {key: how.pop(key) for key in ("eps", "groups", "decay", "affine") if key in how}
        says(
            f"normalization.{name}",
            library,
            clause,
            measure,
            {"inputs": inputs, **keys},
            theirs,
            **(how or {"within": 1e-5}),
        )

    def of_keras(layer: Any, x: np.ndarray, **call: Any) -> np.ndarray:
        return np.moveaxis(np.asarray(layer(np.moveaxis(x, 1, -1), **call)), -1, 1)

    def running(layer: nn.Module, x: torch.Tensor) -> list[float]:
        layer(x)
        return flat(layer.running_mean, layer.running_var)

    clause = "torch.nn.BatchNorm1d/2d(momentum=m): decay: 1 - m, so momentum=0.1 is decay: 0.9"
    case(
        "batch",
        "torch",
        clause,
        running(nn.BatchNorm1d(4, momentum=0.3).double(), rows),
        decay=0.7,
        measure="running",
    )
    case(
        "batch", "torch", clause, running(nn.BatchNorm2d(4).double(), images), "images", "running", decay=0.9
    )
    case("batch", "torch", "eps is the same", nn.BatchNorm1d(4, eps=0.5).double()(rows), eps=0.5)
    clause = "BatchNormalization(momentum=m, epsilon=e): decay: m and eps: e"
    layer = N.BatchNormalization(momentum=0.7, epsilon=0.5)
    case("batch", "keras", clause, of_keras(layer, ROWS, training=True), eps=0.5)
    case("batch", "keras", clause, layer.moving_mean, measure="running_mean", decay=0.7)
    gained = np.asarray(layer.moving_variance) - 0.7
    clause = "its running variance is that of the batch, here it is n / (n - 1) times as large"
    case("batch", "keras", clause, gained * 6 / 5, measure="variance_gain", decay=0.7)
    plain = N.BatchNormalization()
    says(
        "normalization.batch",
        "keras",
        "its defaults 0.99 and 1e-3 are 0.9 and 1e-5 here",
        "number",
        [0.99, 1e-3],
        [plain.momentum, plain.epsilon],
    )
    clause = (
        "torch.nn.GroupNorm(num_groups, num_channels): groups is num_groups, the channels are the layer's"
    )
    case("group", "torch", clause, nn.GroupNorm(2, 4).double()(images), "images", groups=2)
    clause = "GroupNormalization(groups=32, epsilon=1e-3): groups is the same, eps is epsilon, 1e-5 here"
    case("group", "keras", clause, of_keras(N.GroupNormalization(2), IMAGES), "images", groups=2, eps=1e-3)
    case(
        "instance",
        "torch",
        "torch.nn.InstanceNorm2d(channels, affine=True)",
        nn.InstanceNorm2d(4, affine=True).double()(images),
        "images",
    )
    weights = len(list(nn.InstanceNorm2d(4).parameters()))
    says("normalization.instance", "torch", "affine is false there by default", "number", 0, weights)
    clause = "GroupNormalization(groups=-1, epsilon=1e-3): as many groups as channels"
    case("instance", "keras", clause, of_keras(N.GroupNormalization(-1), IMAGES), "images", eps=1e-3)
    case("layer", "torch", "torch.nn.LayerNorm(units) for rows", nn.LayerNorm(4).double()(rows))
    case(
        "layer",
        "torch",
        "for images torch.nn.GroupNorm(1, channels), not LayerNorm",
        nn.GroupNorm(1, 4).double()(images),
        "images",
    )
    case(
        "layer",
        "keras",
        "LayerNormalization(epsilon=1e-3) on rows, eps 1e-5 here",
        of_keras(N.LayerNormalization(), ROWS),
        eps=1e-3,
    )
    case("rms", "keras", "RMSNormalization(epsilon=1e-6) for rows", of_keras(N.RMSNormalization(), ROWS))
    clause = "torch.nn.RMSNorm(units, eps=1e-6) for rows (its own default eps is the smallest step above 1)"
    case("rms", "torch", clause, nn.RMSNorm(4, eps=1e-6).double()(rows))
    own = nn.RMSNorm(4).double()(torch.full((1, 4), 1e-8, dtype=torch.float64))
    says(
        "normalization.rms",
        "torch",
        clause,
        "number",
        1e-8 / math.sqrt(1e-16 + np.finfo(float).eps),
        own[0, 0],
    )
    clause = "on images it normalizes each place by itself, this one the whole image"
    for name, layer, eps in (
        ("layer", N.LayerNormalization(epsilon=1e-9), 1e-9),
        ("rms", N.RMSNormalization(epsilon=1e-9), 1e-9),
    ):
        of_images = of_keras(layer, IMAGES)
        places = np.moveaxis(IMAGES, 1, -1).reshape(-1, 4)
        by_place = np.asarray(layer(places)).reshape(3, 2, 3, 4)
        np.testing.assert_allclose(of_images, np.moveaxis(by_place, -1, 1))
        case(
            name,
            "keras",
            clause,
            np.square(of_images).mean((1, 2, 3)),
            "images",
            "mean_square",
            eps=eps,
            within=1e-5,
        )
        places = np.square(of_images).mean(1)
        case(
            name,
            "keras",
            clause,
            places.max() / places.min(),
            "images",
            "uneven_places",
            eps=eps,
            ratio=(2.0, 1e6),
        )
    weight = torch.tensor(ROWS, dtype=torch.float64)
    linear = nn.Linear(4, 6, bias=False).double()
    linear.weight.data = weight.clone()
    normed = nn.utils.parametrizations.weight_norm(linear)
    clause = "torch.nn.utils.parametrizations.weight_norm: its original0 is gain, its original1 the weight"
    says(
        "normalization.weight",
        "torch",
        clause,
        "row_lengths",
        {"inputs": "rows"},
        normed.parametrizations.weight.original0,
    )
    torch.manual_seed(0)
    spectral = nn.utils.parametrizations.spectral_norm(
        nn.Linear(4, 6, bias=False).double(), n_power_iterations=30
    )
    spectral.parametrizations.weight.original.data = weight.clone()
    for _ in range(20):
        divided = spectral.weight
    clause = "torch.nn.utils.parametrizations.spectral_norm(n_power_iterations=1): iterations is the same"
    says("normalization.spectral", "torch", clause, "spectral", {"inputs": "rows", "iterations": 30}, divided)
    says(
        "normalization.spectral",
        "torch",
        "the weight is renamed there",
        "number",
        1,
        float("weight" not in dict(spectral.named_parameters())),
    )
    dense = N.Dense(6, use_bias=False)
    wrapped = N.SpectralNormalization(dense, power_iterations=30)
    wrapped.build((None, 4))
    dense.kernel.assign(ROWS.T)
    for _ in range(20):
        wrapped(ROWS[:1, :4], training=True)
    clause = "SpectralNormalization(layer, power_iterations=1): iterations is the same"
    says(
        "normalization.spectral",
        "keras",
        clause,
        "spectral",
        {"inputs": "rows", "iterations": 30},
        np.asarray(dense.kernel).T,
        within=1e-4,
    )
    clause = "the divided weight is written back there"
    says(
        "normalization.spectral",
        "keras",
        clause,
        "number",
        1,
        np.linalg.svd(np.asarray(dense.kernel))[1].max(),
        within=1e-4,
    )
