"""The augmentations' results for fixed parameters are kornia's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers import augment_cases as cases
from torch import Tensor

from dnnlab.data.augment.color_ops import brightened, contrasted, saturated, turned
from dnnlab.data.augment.flip_crop import Flip, VerticalFlip
from dnnlab.data.augment.geometry import Composed, Geometric, magnification, resample, rotation, translation

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "golden" / "augment.json").read_text())[
    "results"
]


@dataclass(frozen=True)
class Fixed(Geometric):
    """A map that is not drawn."""

    given: Tensor

    def maps(self, images: Tensor) -> Tensor:
        return self.given


def numbers(values: list[float], *more: int) -> Tensor:
    return torch.tensor(values).view(-1, *more)


def ours(name: str, images: Tensor) -> Tensor:
    maps = {
        "shift": translation(numbers(cases.RIGHT), numbers(cases.DOWN)),
        "rotate": rotation(numbers(cases.DEGREES)),
        "zoom": magnification(numbers(cases.FACTORS)),
    }
    if name in maps:
        return resample(images, maps[name])
    if "," in name:
        return Composed([Fixed(maps[word]) for word in name.split(", ")])(images)
    if name in ("flip", "vertical_flip"):
        return (Flip if name == "flip" else VerticalFlip)(1.0)(images)
    if name == "hue":
        return turned(images, numbers(cases.TURNS, 1, 1))
    return {"brightness": brightened, "contrast": contrasted, "saturation": saturated}[name](
        images, numbers(cases.COLOR_FACTORS, 1, 1, 1)
    )


@pytest.mark.parametrize(
    ("shape", "name"), [(shape, name) for shape, results in GOLDEN.items() for name in results]
)
def test_fixed_parameters_give_kornias_numbers(shape: str, name: str) -> None:
    images = torch.from_numpy(cases.waves(*cases.SHAPES[shape]))
    result = ours(name, images)
    np.testing.assert_allclose(cases.kept(result.numpy()), GOLDEN[shape][name], atol=2e-5)
    assert not torch.equal(result, images)
