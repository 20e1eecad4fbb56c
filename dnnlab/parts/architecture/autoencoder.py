"""Autoencoders."""

from __future__ import annotations

import math
from typing import Any

from ...errors import ConfigError, Problem
from ...registry import NonNegative, Widths, part


@part(
    "architecture",
    source=(
        "Hinton & Salakhutdinov 2006; Vincent et al. 2010 (denoising); Geron, Hands-On Machine Learning, "
        "ch. 17"
    ),
    example={"hidden": [16, 4], "tied": True},
    target="input",
)
def autoencoder(
    in_shape: tuple[int, ...],
    outputs: int,
    make: Any,
    *,
    hidden: Widths = Widths((100, 30)),  # noqa: B008 (frozen)
    tied: bool = False,
    noise: NonNegative = 0.0,
) -> Any:
    """Encoder hidden1 ... hiddenN and a decoder in mirror image, which learn to give the input back.

    `output` is as wide as the input; the target is the input itself. hidden: units of the encoder, the last
    is the code. tied: the decoder uses the encoder's weights transposed, with biases of its own; one
    Parameter used twice. noise: standard deviation of Gaussian noise added to the inputs in training
    (denoising). Of `data.augment` what moves or recolours an image acts on the target too; noise and cutout
    on the input alone, to be taken away. Shapes: (n, ...) to (n, product of the input's sizes). Raises
    `ConfigError` without a hidden layer.
    """
    if not hidden.units:
        raise ConfigError(
            Problem(
                "an autoencoder without a code",
                "expected at least one hidden layer",
                "hidden: [100, 30]",
                "hidden",
                code="empty",
            )
        )
    modules: dict[str, Any] = {"flatten": make.flatten()} if len(in_shape) > 1 else {}
    if noise:
        modules["noise"] = make.noise(noise)
    widths = [math.prod(in_shape), *hidden.units]
    encoder = [f"hidden{i}" for i in range(1, len(widths))]
    for name, width, units in zip(encoder, widths, widths[1:], strict=False):
        modules[name] = make.dense(name, width, units)
    for i in range(len(hidden.units) - 1, -1, -1):
        name = "output" if i == 0 else f"hidden{2 * len(hidden.units) - i}"
        source = modules[encoder[i]]
        modules[name] = (
            make.tied(name, source, output=i == 0)
            if tied
            else make.dense(name, widths[i + 1], widths[i], output=i == 0)
        )
    return make.chain(modules)
