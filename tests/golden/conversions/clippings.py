"""Gradients after clipping."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import torch
from torch import nn

from .cases import flat, says

K = keras.optimizers
GRADS = [np.array([3.0, 4.0, -1.0]), np.array([0.6, -0.8])]


def clippings() -> None:
    """Gradients after clipping."""

    def case(
        name: str, library: str, clause: str, theirs: Any, threshold: float, within: float = 1e-6
    ) -> None:
        says(
            f"gradient_clipping.{name}",
            library,
            clause,
            "clipped",
            {"threshold": threshold},
            theirs,
            within=within,
        )

    def torchs(clip: Callable[..., Any]) -> list[torch.Tensor]:
        params = [torch.zeros(len(g), dtype=torch.float64, requires_grad=True) for g in GRADS]
        for p, g in zip(params, GRADS, strict=True):
            p.grad = torch.tensor(g)
        clip(params)
        return [p.grad for p in params]

    def kerases(**keys: float) -> list[float]:
        return flat(*(-a for a in by_keras_steps(K.SGD(1.0, **keys))))

    def by_keras_steps(optimizer: Any) -> list[np.ndarray]:
        weights = [keras.Variable(np.zeros(len(g))) for g in GRADS]
        optimizer.build(weights)
        optimizer.apply_gradients(
            [(keras.ops.convert_to_tensor(g), w) for g, w in zip(GRADS, weights, strict=True)]
        )
        return [np.asarray(w.value) for w in weights]

    clip = nn.utils.clip_grad_norm_
    clause = "torch.nn.utils.clip_grad_norm_(parameters, max_norm), which divides by the norm + 1e-6"
    norm = math.sqrt(sum(np.square(g).sum() for g in GRADS))
    longer = [g * (norm + 1e-6) / norm for g in torchs(lambda p: clip(p, 1.5))]
    case("global_norm", "torch", clause, flat(*longer), 1.5, 1e-9)
    case("global_norm", "keras", "global_clipnorm of the optimizer", kerases(global_clipnorm=1.5), 1.5)
    case(
        "norm",
        "torch",
        "clip_grad_norm_ on one parameter after the other",
        flat(*torchs(lambda p: [clip(q, 1.5) for q in p])),
        1.5,
    )
    case("norm", "keras", "clipnorm of the optimizer", kerases(clipnorm=1.5), 1.5)
    case(
        "value",
        "torch",
        "torch.nn.utils.clip_grad_value_(parameters, clip_value)",
        flat(*torchs(lambda p: nn.utils.clip_grad_value_(p, 0.7))),
        0.7,
    )
    case("value", "keras", "clipvalue of the optimizer", kerases(clipvalue=0.7), 0.7)
