"""Initializers: root mean squares and largest sizes of one draw of each."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import torch
from torch import nn

from .cases import says

F, I = nn.init, keras.initializers  # noqa: E741


def initializers() -> None:
    """Deviations and largest sizes of one draw of each; torch's weights stand as (units, inputs), those of
    Keras the other way.
    """
    torch.manual_seed(0)

    def case(
        name: str, library: str, clause: str, draw: Callable[..., Any], /, form: str = "dense", **keys: Any
    ) -> np.ndarray:
        shape = {"dense": (900, 400), "conv": (160, 64, 5, 5)}[form]
        if library == "torch":
            drawn = draw(torch.empty(shape)).numpy()
        else:
            drawn = np.asarray(draw(tuple(reversed(shape))))
        says(
            f"initializer.{name}",
            library,
            clause,
            "deviation",
            {"form": form, **keys},
            math.sqrt(np.square(drawn.astype(float)).mean()),
            within=0.02,
        )
        return drawn

    def largest(
        name: str, library: str, clause: str, drawn: np.ndarray, ratio: tuple[float, float], **keys: Any
    ) -> None:
        says(
            f"initializer.{name}",
            library,
            clause,
            "largest",
            {"form": "dense", **keys},
            np.abs(drawn).max(),
            ratio=ratio,
        )

    case(
        "constant",
        "torch",
        "torch.nn.init.constant_(val): value is val",
        lambda w: F.constant_(w, 0.25),
        value=0.25,
    )
    case("constant", "keras", "Constant(value)", I.Constant(0.25), value=0.25)
    case("zeros", "torch", "torch.nn.init.zeros_", F.zeros_)
    case("zeros", "keras", "Zeros", I.Zeros())
    for ours, function, options, theirs in (
        ("glorot", "xavier", "", "Glorot"), ("he", "kaiming", '(nonlinearity="relu")', "He"), ("lecun", "kaiming", '(nonlinearity="linear")', "Lecun"),
    ):  # fmt: skip
        given = {"nonlinearity": options[15:-2]} if options else {}
        for form, keras_form in (("normal", "Normal"), ("uniform", "Uniform")):
            draw = getattr(F, f"{function}_{form}_")
            case(
                f"{ours}_{form}",
                "torch",
                f"torch.nn.init.{function}_{form}_{options}",
                lambda w, d=draw, g=given: d(w, **g),
            )
            made = getattr(I, theirs + keras_form)(seed=1)
            if form == "uniform":
                default = ", the default of Dense and Conv2D" if ours == "glorot" else ""
                case(f"{ours}_uniform", "keras", f"{theirs}Uniform{default}: the same", made)
                continue
            drawn = case(
                f"{ours}_normal",
                "keras",
                f"{theirs}Normal has the same variance, but is truncated at two deviations",
                made,
            )
            largest(f"{ours}_normal", "keras", "this one is not", drawn, (1.6, 3.0))
    assert (
        type(keras.layers.Dense(1).kernel_initializer)
        is type(keras.layers.Conv2D(1, 1).kernel_initializer)
        is I.GlorotUniform
    )
    linear = nn.Linear(400, 9000)
    clause = "torch.nn.Linear by itself starts uniform in +-1/sqrt(fan_in), its biases too"
    for drawn in (linear.weight, linear.bias):
        limit, largest_drawn = 1 / math.sqrt(400), drawn.abs().max()
        says("initializer.glorot_uniform", "torch", clause, "number", limit, largest_drawn, within=1e-3)
    case("normal", "torch", "torch.nn.init.normal_(mean=0, std=1)", F.normal_)
    case(
        "normal",
        "keras",
        "RandomNormal(stddev=0.05): write std: 0.05 for its default",
        I.RandomNormal(seed=1),
        std=0.05,
    )
    case(
        "uniform",
        "torch",
        "torch.nn.init.uniform_(a=-limit, b=limit)",
        lambda w: F.uniform_(w, -0.3, 0.3),
        limit=0.3,
    )
    drawn = F.uniform_(torch.empty(900, 400))
    says(
        "initializer.uniform", "torch", "its own default is 0 to 1", "number", 0.5, drawn.mean(), within=0.01
    )
    clause = "RandomUniform(minval=-0.05, maxval=0.05): write limit: 0.05 for its default"
    case("uniform", "keras", clause, I.RandomUniform(seed=1), limit=0.05)
    case(
        "orthogonal",
        "torch",
        "torch.nn.init.orthogonal_(gain): the same",
        lambda w: F.orthogonal_(w, 1.5),
        gain=1.5,
    )
    case("orthogonal", "keras", "Orthogonal(gain): the same", I.Orthogonal(1.5, seed=1), gain=1.5)
    clause = "for convolutions, too, over channels and kernel together"
    case("orthogonal", "keras", clause, I.Orthogonal(1.5, seed=1), form="conv", gain=1.5)
    keys = {"scale": 25 / 9, "mode": "fan_out", "distribution": "normal"}
    clause = (
        "torch.nn.init.kaiming_normal_(mode, nonlinearity): scale is calculate_gain(nonlinearity) squared"
    )
    drawn = case(
        "variance_scaling",
        "torch",
        clause,
        lambda w: F.kaiming_normal_(w, mode="fan_out", nonlinearity="tanh"),
        **keys,
    )
    assert F.calculate_gain("tanh") == 5 / 3
    cut = {**keys, "distribution": "truncated_normal"}
    largest(
        "variance_scaling",
        "torch",
        "torch does not truncate, so distribution: normal",
        drawn,
        (0.3, 0.6),
        **cut,
    )
    clause = (
        'VarianceScaling(scale, mode, distribution): the same, with its "untruncated_normal" as '
        "distribution: normal"
    )
    for ours, theirs in (
        ("normal", "untruncated_normal"),
        ("truncated_normal", "truncated_normal"),
        ("uniform", "uniform"),
    ):
        keys = {"scale": 1.7, "mode": "fan_avg", "distribution": ours}
        case("variance_scaling", "keras", clause, I.VarianceScaling(1.7, "fan_avg", theirs, seed=1), **keys)
