"""Cutout and noise."""

from __future__ import annotations

import pytest
import torch

from dnnlab.data.augment.color_ops import Colors
from dnnlab.data.augment.cutout_noise import Cutout, Noise

COLORS = Colors(torch.tensor([0.1, 0.2, 0.3]), torch.eye(3))


@pytest.mark.parametrize(("fill", "shown"), [("mean", [0.1, 0.2, 0.3]), ("black", [0.0, 0.0, 0.0])])
def test_cutout_covers_one_rectangle_in_all_channels(fill: str, shown: list[float]) -> None:
    torch.default_generator.manual_seed(0)
    images = torch.full((2000, 3, 10, 20), 0.9)
    result = Cutout(0.35, fill, 1.0, COLORS)(images)  # 3 x 7 pixels
    covered = result[:, 0] != 0.9
    assert torch.equal(covered, result[:, 2] != 0.9)
    assert torch.equal(
        result.transpose(0, 1)[:, covered], torch.tensor(shown)[:, None].expand(3, int(covered.sum()))
    )
    rows, columns = covered.any(2), covered.any(1)
    assert torch.equal(covered, rows[:, :, None] & columns[:, None, :])
    heights, widths = rows.sum(1), columns.sum(1)
    assert (heights.max(), widths.max()) == (3, 7) and (heights.min(), widths.min()) == (
        2,
        4,
    )  # at a corner the rest sticks out
    centres = (rows.float() @ torch.arange(10.0) / heights)[heights == 3]
    assert set(centres.tolist()) == set(range(1, 9))


def test_every_pixel_is_the_centre_as_often_as_any_other() -> None:
    torch.default_generator.manual_seed(0)
    result = Cutout(0.25, "black", 1.0, COLORS)(torch.ones(30_000, 3, 4, 4))  # one pixel
    shares = (result[:, 0] == 0).float().mean(0)
    torch.testing.assert_close(
        shares, torch.full((4, 4), 1 / 16), atol=0.006, rtol=0
    )  # four deviations of 0.0014


def test_cutout_leaves_images_alone_as_often_as_asked() -> None:
    torch.default_generator.manual_seed(0)
    result = Cutout(0.5, "mean", 0.3, COLORS)(torch.ones(4000, 3, 8, 8))
    assert (result.flatten(1) != 1).any(1).float().mean().item() == pytest.approx(0.3, abs=0.03)


def test_noise_is_normal_and_its_own_in_every_channel() -> None:
    torch.default_generator.manual_seed(0)
    images = torch.rand(50, 3, 32, 32)
    added = Noise(0.2)(images) - images
    assert abs(added.mean()) < 2e-3 and added.std().item() == pytest.approx(0.2, rel=0.01)
    assert (added.abs() > 0.4).float().mean().item() == pytest.approx(
        0.0455, abs=0.003
    )  # beyond two deviations
    assert abs(torch.corrcoef(added.transpose(0, 1).flatten(1))[0, 1]) < 0.02
