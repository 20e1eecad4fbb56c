"""Activations: values at some points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import torch
from torch import nn

from .cases import POINTS, says

A = keras.activations


def activations() -> None:
    """Values at some points."""
    x = torch.tensor(POINTS, dtype=torch.float64)
    numbers = np.array(POINTS)

    def case(name: str, library: str, clause: str, function: Callable[..., Any], **keys: Any) -> None:
        theirs = function(x if library == "torch" else keras.ops.convert_to_tensor(numbers))
        says(f"activation.{name}", library, clause, "activation", keys, theirs, within=2e-6)

    for name, module in {
        "hard_sigmoid": "Hardsigmoid", "hard_swish": "Hardswish", "hard_tanh": "Hardtanh", "identity": "Identity", "mish": "Mish",
        "relu": "ReLU", "relu6": "ReLU6", "selu": "SELU", "sigmoid": "Sigmoid", "silu": "SiLU", "softplus": "Softplus",
        "softsign": "Softsign", "tanh": "Tanh", "gelu": "GELU",
    }.items():  # fmt: skip
        case(name, "torch", f"torch.nn.{module}()", getattr(nn, module)())
    for name in ("hard_tanh", "mish", "relu", "relu6", "softplus", "softsign", "tanh", "gelu", "sigmoid"):
        case(name, "keras", f'"{name}"', A.get(name))
    case("hard_swish", "keras", '"hard_swish", or "hard_silu"', A.get("hard_swish"))
    case("hard_swish", "keras", '"hard_swish", or "hard_silu"', A.get("hard_silu"))
    case("silu", "keras", '"silu", or "swish"', A.get("silu"))
    case("silu", "keras", '"silu", or "swish"', A.get("swish"))
    case("identity", "keras", '"linear", or no activation at all', A.get("linear"))
    case("identity", "keras", '"linear", or no activation at all', A.get(None))
    clause = '"selu" with kernel_initializer="lecun_normal", which is set here by initializer: auto'
    case("selu", "keras", clause, A.get("selu"))
    case("hard_sigmoid", "keras", '"hard_sigmoid" of Keras 3', A.get("hard_sigmoid"))
    case("celu", "torch", "torch.nn.CELU(alpha)", nn.CELU(0.5), alpha=0.5)
    case("celu", "keras", '"celu", or keras.activations.celu(alpha)', A.get("celu"))
    case("celu", "keras", '"celu", or keras.activations.celu(alpha)', lambda v: A.celu(v, 0.5), alpha=0.5)
    case("elu", "torch", "torch.nn.ELU(alpha)", nn.ELU(0.5), alpha=0.5)
    case("elu", "keras", '"elu", or keras.layers.ELU(alpha)', A.get("elu"))
    case("elu", "keras", '"elu", or keras.layers.ELU(alpha)', keras.layers.ELU(0.5), alpha=0.5)
    case(
        "gelu",
        "torch",
        'approximate="tanh" is approximate: true',
        nn.GELU(approximate="tanh"),
        approximate=True,
    )
    clause = "keras.activations.gelu(approximate=True) is approximate: true"
    case("gelu", "keras", clause, lambda v: A.gelu(v, approximate=True), approximate=True)
    case("leaky_relu", "torch", "torch.nn.LeakyReLU(negative_slope=0.01)", nn.LeakyReLU())
    clause = "keras.layers.LeakyReLU(negative_slope=0.3): write negative_slope: 0.3 for its default"
    case("leaky_relu", "keras", clause, keras.layers.LeakyReLU(), negative_slope=0.3)
    case("leaky_relu", "keras", 'the word "leaky_relu" has 0.2', A.get("leaky_relu"), negative_slope=0.2)
    case("prelu", "torch", "torch.nn.PReLU(num_parameters=1, init=0.25)", nn.PReLU(dtype=torch.float64))
    case(
        "rrelu",
        "torch",
        "torch.nn.RReLU(lower, upper): the same",
        nn.RReLU(0.1, 0.5).eval(),
        lower=0.1,
        upper=0.5,
    )
    clause = "leaky_relu with negative_slope 11/48 is what it evaluates to"
    case("rrelu", "keras", clause, lambda v: A.leaky_relu(v, negative_slope=11 / 48))
    prelu = keras.layers.PReLU()
    clause = (
        "keras.layers.PReLU starts at 0 (init: 0.0) and learns a slope for every unit and every place "
        "of an image"
    )
    case("prelu", "keras", clause, lambda v: prelu(v[:, None]), init=0.0)
    images = keras.layers.PReLU(shared_axes=[1, 2])
    images.build((None, 5, 6, 7))
    says(
        "activation.prelu",
        "keras",
        "shared_axes=[1, 2] is shared: false",
        "slopes",
        {"shared": False, "width": 7},
        images.alpha.shape[-1],
    )
    clause = "num_parameters=1 is shared: true, the layer's channels shared: false"
    for shared, count in ((True, 1), (False, 7)):
        says(
            "activation.prelu",
            "torch",
            clause,
            "slopes",
            {"shared": shared, "width": 7},
            nn.PReLU(count).weight.numel(),
        )
