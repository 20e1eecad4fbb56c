"""Writes augment.json: kornia's results for fixed parameters on the images of tests/augment_cases.py.

    python tests/golden/make_augment.py        (needs kornia)

kornia's names are not what they seem: adjust_brightness adds and adjust_contrast multiplies the pixel, so the
other functions are used. Angles and hues run in the same direction as dnnlab's; align_corners=True makes its
resampling exact in pixels.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import kornia
import numpy as np
import torch
from kornia import enhance
from kornia.geometry import transform

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from helpers import augment_cases as cases  # noqa: E402

BORDER = {"padding_mode": "border", "align_corners": True}


def results(images: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
    """Name and result of everything that kornia does to these four images."""
    degrees, factors = torch.tensor(cases.DEGREES), torch.tensor(cases.FACTORS)
    moves = torch.tensor([cases.RIGHT, cases.DOWN]).T
    yield "shift", transform.translate(images, moves, **BORDER)
    yield "rotate", transform.rotate(images, degrees, **BORDER)
    yield "zoom", transform.scale(images, factors[:, None].expand(-1, 2), **BORDER)
    yield "flip", transform.hflip(images)
    yield "vertical_flip", transform.vflip(images)
    height, width = images.shape[2:]
    centre = torch.tensor([[(width - 1) / 2, (height - 1) / 2]]).expand(4, -1)
    # Degrees and zoom in one matrix about the centre, which is the rotation first or the zoom first alike;
    # the shift comes before both.
    turned = transform.get_rotation_matrix2d(centre, degrees, factors[:, None].expand(-1, 2))
    moved = torch.eye(3).repeat(4, 1, 1)
    moved[:, :2, 2] = moves
    yield "shift, rotate, zoom", transform.warp_affine(images, turned @ moved, (height, width), **BORDER)
    turned[:, :, 2] += moves
    yield "zoom, rotate, shift", transform.warp_affine(images, turned, (height, width), **BORDER)

    amounts = torch.tensor(cases.COLOR_FACTORS)
    yield "brightness", enhance.adjust_brightness_accumulative(images, amounts)
    if images.shape[1] == 3:
        yield "contrast", enhance.adjust_contrast_with_mean_subtraction(images, amounts)
        yield "saturation", enhance.adjust_saturation_with_gray_subtraction(images, amounts)
        yield "hue", enhance.adjust_hue(images, torch.tensor(cases.TURNS) * (math.pi / 180))


def main() -> None:
    """Write the file."""
    numbers = {
        name: {
            what: [round(float(v), 6) for v in cases.kept(result.numpy())]
            for what, result in results(images_of(shape))
        }
        for name, shape in cases.SHAPES.items()
    }
    made = {"made_with": {"kornia": kornia.__version__, "torch": torch.__version__}, "results": numbers}
    (HERE / "augment.json").write_text(json.dumps(made) + "\n")


def images_of(shape: tuple[int, int, int]) -> torch.Tensor:
    """The images as kornia takes them."""
    return torch.from_numpy(np.ascontiguousarray(cases.waves(*shape)))


if __name__ == "__main__":
    main()
