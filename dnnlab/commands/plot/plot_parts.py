"""The pictures of activations, augmentations and initial weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...data.prepare.pipeline import prepare
from ...data.prepare.prepared_data import Prepared
from ...data.raw import RawDataset
from ...errors import Problem, UsageError
from ...lazy_torch import torch
from ...nn.parameter_table import Fans
from ...registry import Bound, bind
from .picture import Chart, Grid, Histograms, Line, Panel, words_of

if TYPE_CHECKING:
    from numpy import ndarray

SPAN = 5.0
POINTS = 1001
IMAGES, DRAWS = 8, 3
BINS = 60
LARGEST = 50_000_000
"""Numbers of a weight that is drawn."""


def activation_chart(activations: Sequence[Bound]) -> Chart:
    """Each activation and its derivative (by autograd) over -5 to 5.

    Raises `UsageError` for one that takes several numbers.
    """
    lines = []
    for bound in activations:
        if bound.flag("widens") != 1:
            text = f"{bound.name} takes several numbers for each unit, so it is no curve"
            raise UsageError(
                Problem(
                    text,
                    "expected an activation of one number",
                    "`dnnlab show activation." + bound.name + "`",
                    code="no_picture",
                )
            )
        inputs = torch.linspace(-SPAN, SPAN, POINTS).unsqueeze(1).requires_grad_()
        outputs = bound(1).eval()(inputs)
        (slopes,) = torch.autograd.grad(outputs.sum(), inputs)
        x = inputs.detach().flatten().tolist()
        lines += [
            Line(words_of(bound), x, outputs.detach().flatten().tolist()),
            Line("its derivative", x, slopes.flatten().tolist(), dashed=True),
        ]
    title = ", ".join(words_of(bound) for bound in activations)
    return Chart(title, "solid: the activation, dashed: its derivative", "input z", "output, slope", lines)


def augment_grid(chosen: Sequence[Bound], data: Prepared, seed: int) -> Grid:
    """The first training images before, and three times after the augmentations, from black to white.

    Raises `ConfigError`.
    """
    from ...data.augment.pipeline import augmentations, pixels_of

    (function,) = augmentations(list(chosen), data)
    pixels = pixels_of(data)
    images = data.train.inputs[:IMAGES]
    rows = [("before", images)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        rows += [(f"after, draw {draw}", function(images)) for draw in range(1, DRAWS + 1)]
    shown = [(label, [_picture(image) for image in pixels.of(row)]) for label, row in rows]
    shape = "x".join(str(n) for n in data.in_shape)
    title = ", ".join(words_of(bound) for bound in chosen)
    return Grid(title, f"training images of {data.name} ({shape}); every step draws anew", shown)


def weights_histogram(bound: Bound, shape: tuple[int, ...], seed: int = 0) -> Histograms:
    """The numbers that an initializer puts into a weight. Raises `UsageError`.

    shape: (units, inputs) or (filters, channels, height, width).
    """
    if bound.flag("after_build"):
        fix = "`dnnlab plot CONFIG initializer` draws a net's weights"
        raise UsageError(
            Problem(
                f"{bound.name} looks at a whole net and its data",
                "expected an initializer of one weight",
                fix,
                code="no_picture",
            )
        )
    if len(shape) < 2 or min(shape) < 1 or math.prod(shape) > LARGEST:
        text = f"received the shape {'x'.join(str(n) for n in shape)}"
        raise UsageError(
            Problem(
                text,
                f"expected units x inputs, such as 100x784, of at most {LARGEST:,} numbers",
                code="shape",
            )
        )
    area = math.prod(shape[2:])
    fans = Fans(shape[1] * area, shape[0] * area)
    weight = torch.zeros(shape)
    with torch.no_grad():
        bound(weight, fans, torch.Generator().manual_seed(seed))
    note = f"{weight.numel():,} weights; fan_in {fans.fan_in:,}, fan_out {fans.fan_out:,}"
    return Histograms(words_of(bound), note, "weight", [_panel("x".join(str(n) for n in shape), weight)])


def net_histograms(
    weights: Mapping[str, torch.Tensor], initializers: Mapping[str, Bound], name: str, most: int = 6
) -> Histograms:
    """The initial weights of a net's layers; of many layers only the first ones and the last."""
    layers = list(weights)
    kept = layers if len(layers) <= most else [*layers[: most - 1], layers[-1]]
    panels = [_panel(f"{layer}: {words_of(initializers[layer])}", weights[layer]) for layer in kept]
    left = f"; {len(layers) - len(kept)} layers between are left out" if len(kept) < len(layers) else ""
    return Histograms(
        f"initial weights of {name}", f"{len(layers)} layers with weights{left}", "weight", panels
    )


def _panel(title: str, weight: torch.Tensor) -> Panel:
    import numpy as np

    numbers = weight.detach().double().flatten().numpy()
    mean, deviation = float(numbers.mean()), float(numbers.std())
    if deviation == 0:
        heights, edges = np.histogram(numbers, bins=3, range=(mean - 0.5, mean + 0.5))
    else:
        heights, edges = np.histogram(numbers, bins=min(BINS, max(10, round(len(numbers) ** 0.5))))
    marks = [(mean + sign * deviation, f"{'+-'[sign < 0]}std") for sign in (-1, 1)] if deviation else []
    return Panel(f"{title}\nmean {mean:.2g}, std {deviation:.3g}", edges.tolist(), heights.tolist(), marks)


def _picture(image: torch.Tensor) -> Any:
    """(height, width) grey, or (height, width, 3), in 0..1."""
    shown = image.clamp(0.0, 1.0).numpy()
    return shown.transpose(1, 2, 0) if len(shown) == 3 else shown[0]


PIECE, SIZE = 212, 64
"""Sides in pixels of a square of the photograph and of the image that it becomes."""
NAMES = ("china", "flower")
_CORNERS = [(0, 150), (110, 370), (200, 110), (200, 260)]


def photographs(augment: Bound) -> Prepared:
    """Eight images of 3x64x64 bytes for this augmentation, four of each photograph.

    Raises `ConfigError` if it cannot act on them.
    """
    import numpy as np

    images = np.stack([piece for pair in zip(*map(_pieces, NAMES), strict=True) for piece in pair])
    raw = RawDataset((images, np.arange(len(images)) % 2), class_names=NAMES)
    keys = {"validation": None, "test": None, "scale": None, "augment": [augment]}
    return replace(prepare(raw, bind("data", {"name": "arrays", **keys})), name="two photographs")


def _pieces(name: str) -> list[ndarray]:
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_sample_image

    photograph = Image.fromarray(load_sample_image(f"{name}.jpg"))
    boxes = [(left, top, left + PIECE, top + PIECE) for top, left in _CORNERS]
    squares = [photograph.resize((SIZE, SIZE), Image.Resampling.BOX, box=box) for box in boxes]
    return [np.asarray(square).transpose(2, 0, 1) for square in squares]
