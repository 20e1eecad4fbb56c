"""Changes of the colour: numbers by hand, the hue against colorsys, and how the amounts are drawn."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dnnlab import registry
from dnnlab.data.augment.color_ops import Colors, PcaColor, brightened, contrasted, saturated, turned


def image(*colors: tuple[float, float, float]) -> Tensor:
    """One image (1, 3, 1, n) of these pixels."""
    return torch.tensor(colors).T.reshape(1, 3, 1, -1)


def by(value: float) -> Tensor:
    return torch.tensor([value]).view(1, 1, 1, 1)


TWO = image((0.2, 0.4, 0.6), (1.0, 0.5, 0.0))
GREYS = (0.299 * 0.2 + 0.587 * 0.4 + 0.114 * 0.6, 0.299 + 0.587 * 0.5)


@pytest.mark.parametrize(
    ("function", "factor", "expected"),
    [
        (brightened, 1.5, image((0.3, 0.6, 0.9), (1.0, 0.75, 0.0))),
        (brightened, 0.5, image((0.1, 0.2, 0.3), (0.5, 0.25, 0.0))),
        (saturated, 0.0, image((GREYS[0],) * 3, (GREYS[1],) * 3)),
        (
            saturated,
            0.5,
            image(
                *[
                    tuple((v + g) / 2 for v in c)
                    for c, g in zip([(0.2, 0.4, 0.6), (1.0, 0.5, 0.0)], GREYS, strict=True)
                ]
            ),
        ),
        (contrasted, 0.0, torch.full((1, 3, 1, 2), sum(GREYS) / 2)),
        (contrasted, 1.0, TWO),
    ],
)
def test_numbers_by_hand(function: Any, factor: float, expected: Tensor) -> None:
    torch.testing.assert_close(function(TWO, by(factor)), expected, atol=1e-6, rtol=0)


def test_contrast_is_about_the_mean_and_cut_off() -> None:
    grey = torch.tensor([0.1, 0.2, 0.6]).view(1, 1, 1, 3)  # mean 0.3
    torch.testing.assert_close(contrasted(grey, by(1.5)), torch.tensor([0.0, 0.15, 0.75]).view(1, 1, 1, 3))
    torch.testing.assert_close(contrasted(grey, by(2.5)).flatten(), torch.tensor([0.0, 0.05, 1.0]))
    two = torch.cat([grey, grey + 0.2], dim=1)  # of two channels the mean is that of both, 0.4
    torch.testing.assert_close(contrasted(two, by(0.0)), torch.full((1, 2, 1, 3), 0.4))


@pytest.mark.parametrize("degrees", [-180.0, -75.0, 0.0, 10.0, 120.0, 180.0])
def test_hue_turns_as_colorsys_does(degrees: float) -> None:
    corners = [(r, g, b) for r in (0.0, 0.5, 1.0) for g in (0.0, 0.5, 1.0) for b in (0.0, 0.5, 1.0)]
    colors = [*corners, *map(tuple, np.random.default_rng(0).random((200, 3)).tolist())]
    expected = []
    for color in colors:
        hue, saturation, value = colorsys.rgb_to_hsv(*color)
        expected.append(colorsys.hsv_to_rgb((hue + degrees / 360) % 1, saturation, value))
    result = turned(image(*colors), torch.tensor([degrees]).view(1, 1, 1))
    torch.testing.assert_close(result, image(*expected), atol=2e-6, rtol=0)


def amounts(name: str, start: Tensor, **keys: float) -> Tensor:
    """One pixel's first channel after 20,000 draws."""
    torch.default_generator.manual_seed(0)
    result: Tensor = registry.build("augment", {"name": name, **keys})(start.expand(20_000, -1, -1, -1))
    return result


@pytest.mark.parametrize(
    ("name", "start", "factors"),
    [
        ("brightness", image((0.5, 0.5, 0.5)), lambda out: out[:, 0, 0, 0] / 0.5),
        (
            "contrast",
            torch.tensor([0.4, 0.6]).expand(1, 3, 1, 2),
            lambda out: (out[:, 0, 0, 1] - out[:, 0, 0, 0]) / 0.2,
        ),
        ("saturation", image((0.5, 0.5, 0.6)), lambda out: (out[:, 2, 0, 0] - out[:, 0, 0, 0]) / 0.1),
    ],
)
def test_factors_fill_their_range_evenly(name: str, start: Tensor, factors: Any) -> None:
    found = factors(amounts(name, start, fraction=0.4))
    assert found.min().item() == pytest.approx(0.6, abs=2e-3) and found.max().item() == pytest.approx(
        1.4, abs=2e-3
    )
    assert found.mean().item() == pytest.approx(1, abs=0.006) and found.std().item() == pytest.approx(
        0.8 / 12**0.5, rel=0.02
    )


def test_hues_fill_their_range_evenly() -> None:
    red, green, blue = amounts("hue", image((1.0, 0.0, 0.0)), degrees=60)[:, :, 0, 0].unbind(1)
    assert (red == 1).all() and not ((green > 0) & (blue > 0)).any()
    degrees = 60 * (green - blue)  # up to 60 degrees from red, one of the two rises linearly
    assert -60 <= degrees.min() < -59.9 and 59.9 < degrees.max() <= 60
    assert abs(degrees.mean()) < 0.8 and degrees.std().item() == pytest.approx(120 / 12**0.5, rel=0.02)


def test_pca_color_spreads_as_in_the_paper() -> None:
    covariance = torch.tensor([[0.08, 0.06, 0.05], [0.06, 0.07, 0.06], [0.05, 0.06, 0.09]])
    torch.default_generator.manual_seed(0)
    start = torch.rand(1, 3, 2, 2).expand(100_000, -1, -1, -1)
    added = PcaColor(0.1, Colors(torch.zeros(3), covariance))(start) - start
    torch.testing.assert_close(
        added, added[:, :, :1, :1].expand_as(added), atol=1e-6, rtol=0
    )  # all pixels alike
    values, vectors = np.linalg.eigh(covariance.double().numpy())
    expected = (
        vectors @ np.diag((0.1 * values) ** 2) @ vectors.T
    )  # of sum_i a_i l_i v_i with a_i ~ N(0, 0.1^2)
    found = np.cov(added[:, :, 0, 0].T.double().numpy())
    np.testing.assert_allclose(found, expected, atol=0.02 * expected.max())
    assert abs(added.mean()) < 1e-4
