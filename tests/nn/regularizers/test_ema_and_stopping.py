"""Averages and early stopping against numbers worked out by hand, and against torch's own and Keras."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.parameter_tables import build, table_of
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "regularizers.json").read_text())


class Normed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer, self.norm = nn.Linear(3, 4), nn.BatchNorm1d(4)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.norm(self.layer(inputs))


def ema_of(net: nn.Module, decay: float) -> Any:
    table = table_of("ema", {})
    table.net = net
    return build({"name": "ema", "decay": decay}, table)


def test_ema_by_hand() -> None:
    net = nn.Linear(1, 1, bias=False, dtype=torch.float64)
    average = ema_of(net, 0.9)
    expected = None
    for value in (1.0, 3.0, -2.0, 0.5):
        with torch.no_grad():
            net.weight.fill_(value)
        average.update()
        expected = value if expected is None else 0.9 * expected + 0.1 * value
        assert float(average.net.weight) == pytest.approx(expected)
    assert not average.net.weight.requires_grad and not average.net.training
    assert average.suffix == "ema" and int(average.state()["n_averaged"]) == 4


def test_ema_has_the_bits_of_torch_buffers_included() -> None:
    torch.manual_seed(0)
    net = Normed()
    ours, theirs = (
        ema_of(net, 0.7),
        AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.7), use_buffers=True),
    )
    for _ in range(6):
        net.train()(torch.randn(5, 3) + 1).square().mean().backward()
        with torch.no_grad():
            for p in net.parameters():
                p -= 0.1 * p.grad
        ours.update()
        theirs.update_parameters(net)
    for (name, a), (_, b) in zip(
        ours.net.state_dict().items(), theirs.module.state_dict().items(), strict=True
    ):
        assert torch.equal(a, b) or name.endswith("num_batches_tracked"), name
    assert int(ours.net.norm.num_batches_tracked) == 6  # a count has no average
    assert float(ours.net.norm.running_mean.abs().sum()) > 0
    kept = copy.deepcopy(ours.state())
    ours.finish([])
    assert all(torch.equal(kept[name], tensor) for name, tensor in ours.state().items())


def stops(scores: list[float | None], **keys: Any) -> int | None:
    stopper = build({"name": "early_stopping", **keys}, table_of("early_stopping", {}))
    return next((epoch for epoch, score in enumerate(scores, start=1) if stopper.observe(score, epoch)), None)


def test_early_stopping_counts_epochs() -> None:
    assert stops([1, 2, 2, 2, 2], patience=3) == 5
    assert stops([1, 2, 2, 2, 2.1, 2, 2, 2, 9], patience=3) == 8
    assert stops([1, 2, 2, 2], patience=3) is None
    assert stops([1, 1.5, 1.5, 2], patience=2, min_delta=0.5) == 3  # 1.5 is not better by more than 0.5
    assert stops([1, 1.5, 1.6, 2, 2.1], patience=2, min_delta=0.5) == 5  # 1.6 is; then 2 and 2.1 are not
    assert stops([float("nan")] * 4, patience=3) == 4
    assert stops([2, float("nan"), 1, float("nan")], patience=3) == 4
    assert stops([float("-inf"), 1, 1], patience=2) is None


def test_early_stopping_counts_epochs_that_were_not_measured() -> None:
    assert stops([None, None, 1, None, None, None, 1], patience=3) == 7
    assert stops([None] * 30, patience=3) is None
    assert stops([1, None, 1, None, 1], patience=3) == 5


@pytest.mark.parametrize("case", GOLDEN["early_stopping"])
def test_early_stopping_stops_where_keras_does(case: dict[str, Any]) -> None:
    assert stops(case["values"], patience=case["patience"], min_delta=case["min_delta"]) == case["stop"]


def test_early_stopping_says_why() -> None:
    def words(**keys: Any) -> str:
        return build({"name": "early_stopping", **keys}, table_of("early_stopping", {})).words("val_loss")

    assert words(patience=20) == "val_loss no better for 20 epochs; best weights kept"
    assert words(patience=1, restore_best=False) == "val_loss no better for 1 epoch; last weights kept"
