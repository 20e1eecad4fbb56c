"""CutMix and noise on the inputs against numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from helpers.parameter_tables import CLASSES, table_of
from helpers.parameter_tables import build as build_on

from dnnlab.errors import ConfigError
from dnnlab.nn.batch import Batch, Task
from dnnlab.nn.regularizers.soft_targets import box

SIDE = 32


def cutmix(task: Task = CLASSES, in_shape: tuple[int, ...] = (1, SIDE, SIDE), **keys: Any) -> Any:
    table = table_of("cutmix", {}, task)
    table.in_shape = in_shape
    return build_on({"name": "cutmix", **keys}, table)


@pytest.mark.parametrize(
    ("share", "centre", "places"),
    [
        (0.75, 0.5, [2, 3, 4, 5]),  # sqrt(1 - 0.75) of 8 places
        (0.75, 0.0, [0, 1]),  # cut off by the border
        (0.75, 0.99, [5, 6, 7]),
        (0.6, 0.5, [2, 3, 4, 5, 6]),  # 5.06 places
        (0.0, 0.5, [0, 1, 2, 3, 4, 5, 6, 7]),
        (1.0, 0.5, []),
    ],
)
def test_the_box_along_one_side_by_hand(share: float, centre: float, places: list[int]) -> None:
    assert box(8, torch.tensor(share), torch.tensor(centre)).nonzero().flatten().tolist() == places


@pytest.mark.parametrize("share", [0.1, 0.36, 0.5, 0.91])
def test_the_box_has_the_area_one_minus_lambda_where_no_border_cuts_it(share: float) -> None:
    side = 400
    inside = box(side, torch.tensor(share, dtype=torch.float64), torch.tensor(0.5))
    assert float(inside.double().mean()) ** 2 == pytest.approx(
        1 - share, abs=2 * math.sqrt(1 - share) / side
    )  # half a place each side


def test_cutmix_mixes_targets_by_the_area_that_is_left() -> None:
    effect = cutmix(alpha=1.0)
    inputs = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 1, SIDE, SIDE)  # each image is its own number
    torch.manual_seed(0)
    shares, boxes = [], 0
    for _ in range(300):
        batch = effect(Batch(inputs, torch.arange(4)))
        changed = batch.inputs != inputs
        for row in range(4):
            found, counts = batch.inputs[row].unique(return_counts=True)
            expected = torch.zeros(4).index_add_(0, found.long(), counts / SIDE**2)
            assert torch.allclose(batch.targets[row], expected, atol=1e-6)
        if changed.any():
            cut = changed.any(0)[0]
            rows, columns = cut.any(1), cut.any(0)
            assert torch.equal(cut, rows[:, None] & columns[None, :])  # one box, the same in every image
            assert all(
                int(edge.nonzero().diff(dim=0).max()) == 1 for edge in (rows, columns) if edge.sum() > 1
            )
            boxes += 1
        shares.append(float(batch.targets.diagonal().min()))
    assert boxes > 200
    # A box of side r loses r^2 / 4 of r to the border on average, so its area is (r - r^2 / 4)^2: 77 / 240
    # where r^2 is even in [0, 1]. Once in 24 every row is its own partner, and keeps 1.
    assert sum(shares) / 300 == pytest.approx(1 - 77 / 240 * 23 / 24, abs=0.05)


def test_cutmix_weighs_rows_like_mixup() -> None:
    torch.manual_seed(1)
    weights = torch.tensor([1.0, 3.0, 0.5, 2.0])
    inputs = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 1, SIDE, SIDE)
    batch = cutmix()(Batch(inputs, torch.arange(4), weights))
    for row in range(4):
        found, counts = batch.inputs[row].unique(return_counts=True)
        parts = weights[found.long()] * counts / SIDE**2
        assert float(batch.weights[row]) == pytest.approx(float(parts.sum()), rel=1e-5)
        assert torch.allclose(batch.targets[row][found.long()], parts / parts.sum(), atol=1e-5)


def test_cutmix_needs_images_and_classes() -> None:
    with pytest.raises(
        ConfigError, match="cutmix cuts boxes out of images; a row is 13 numbers; expected images"
    ):
        cutmix(in_shape=(13,))
    with pytest.raises(ConfigError, match="cutmix has no classes to mix by area: the targets are numbers"):
        cutmix(Task("real", 0, 1))


@pytest.mark.parametrize("shape", [(2000, 50), (500, 1, 20, 10)])
def test_input_noise_has_its_deviation_and_leaves_the_targets(shape: tuple[int, ...]) -> None:
    effect = build_on({"name": "input_noise", "std": 0.3}, table_of("input_noise", {}))
    torch.manual_seed(0)
    before = Batch(torch.full(shape, 2.0), torch.arange(shape[0]))
    after = effect(before)
    noise, n = (after.inputs - 2.0).double(), before.inputs.numel()
    assert float(noise.mean()) == pytest.approx(0, abs=5 * 0.3 / math.sqrt(n))
    assert float(noise.var()) == pytest.approx(0.09, abs=5 * 0.09 * math.sqrt(2 / n))
    assert torch.equal(after.targets, before.targets) and float(before.inputs.min()) == 2.0
