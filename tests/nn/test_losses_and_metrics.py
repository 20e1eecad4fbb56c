"""Losses against torch's numbers, metrics against scikit-learn's; the area under the curve beyond its memory;
what is refused.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers.trainings import built, resumed, rows, trained
from sklearn.metrics import roc_auc_score

from dnnlab import registry
from dnnlab.errors import ConfigError
from dnnlab.nn.batch import Batch, Task
from dnnlab.nn.metrics.auc import AreaUnderCurve, sortable

GOLDEN = Path(__file__).parents[1] / "golden"
LOSSES = json.loads((GOLDEN / "losses.json").read_text())
METRICS = json.loads((GOLDEN / "metrics.json").read_text())


def task_of(outputs: list[Any], targets: list[Any]) -> Task:
    if isinstance(targets[0], list):
        return Task(
            "multi" if all(x in (0, 1) for row in targets for x in row) else "real",
            len(targets[0]),
            len(targets[0]),
        )
    return Task("index", max(2, len(outputs[0])), len(outputs[0]))


@pytest.mark.parametrize("case", LOSSES, ids=lambda c: f"{c['name']}-{c['keys']}")
def test_losses_and_their_gradients(case: Any) -> None:
    outputs = torch.tensor(case["outputs"], dtype=torch.float64, requires_grad=True)
    targets = torch.tensor(
        case["targets"], dtype=None if isinstance(case["targets"][0], int) else torch.float64
    )
    loss = registry.build(
        "loss", {"name": case["name"], **case["keys"]}, task_of(case["outputs"], case["targets"])
    )
    value = loss(outputs, Batch(outputs, targets))
    assert value.item() == pytest.approx(case["value"], rel=1e-12)
    torch.testing.assert_close(
        torch.autograd.grad(value, outputs)[0], torch.tensor(case["gradient"], dtype=torch.float64)
    )
    weighted = loss(outputs, Batch(outputs, targets, torch.full((len(targets),), 3.0, dtype=torch.float64)))
    assert weighted.item() == pytest.approx(case["value"], rel=1e-12)


@pytest.mark.parametrize(
    "case",
    METRICS,
    ids=lambda c: f"{c['name']}-{len(c['outputs'][0])}-{'plain' if c['weights'] is None else 'weighted'}",
)
@pytest.mark.parametrize("size", [5, 48])
def test_metrics(case: Any, size: int) -> None:
    outputs, targets = torch.tensor(case["outputs"]), torch.tensor(case["targets"])
    weights = None if case["weights"] is None else torch.tensor(case["weights"])
    metric = registry.build(
        "metrics", {"name": case["name"], **case["keys"]}, task_of(case["outputs"], case["targets"])
    )
    for first in range(0, len(outputs), size):
        piece = slice(first, first + size)
        metric.update(
            outputs[piece], Batch(outputs[piece], targets[piece], None if weights is None else weights[piece])
        )
    assert metric.value() == pytest.approx(case["value"], rel=1e-12)


@pytest.mark.parametrize(
    ("part", "keys", "value"),
    [
        ("huber", {"delta": 1.0}, (0.125 + 2.5) / 2),  # errors 0.5 and 3: 0.5^2 / 2, and 3 - 1/2
        ("huber", {"delta": 4.0}, (0.125 + 4.5) / 2),
        ("mae", {}, 1.75),
        ("mse", {}, (0.25 + 9) / 2),
    ],
)
def test_losses_by_hand(part: str, keys: Any, value: float) -> None:
    outputs = torch.tensor([[0.5], [-3.0]])
    loss = registry.build("loss", {"name": part, **keys}, Task("real", 0, 1))
    assert loss(outputs, Batch(outputs, torch.zeros(2, 1))).item() == pytest.approx(value)


def area(scores: Any, truth: Any, **options: Any) -> AreaUnderCurve:
    metric = AreaUnderCurve(Task("index", 2, 1), **options)
    outputs, targets = torch.as_tensor(scores).reshape(-1, 1), torch.as_tensor(truth)
    for piece in torch.arange(len(targets)).split(64):
        metric.update(outputs[piece], Batch(outputs[piece], targets[piece]))
    return metric


def test_keys_have_the_order_of_the_numbers() -> None:
    numbers = torch.tensor(
        [-float("inf"), -1e300, -2.0, -1.0, -1e-310, 0.0, 1e-310, 1.0, 2.0, float("inf")], dtype=torch.float64
    )
    assert torch.equal(sortable(numbers), sortable(numbers).sort().values) and len(
        sortable(numbers).unique()
    ) == len(numbers)
    assert sortable(torch.tensor([-0.0], dtype=torch.float64)).item() == 0


def test_ties_count_half() -> None:
    assert area([1.0, 1.0, 1.0, 1.0], [0, 1, 0, 1]).value() == 0.5
    assert area([0.0, 1.0, 1.0, 2.0], [0, 0, 1, 1]).value() == 3.5 / 4


def test_an_area_that_does_not_exist_is_no_number() -> None:
    assert np.isnan(area([0.1, 0.2], [1, 1]).value())


def test_memory_is_bounded_and_the_area_nearly_exact() -> None:
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, 4000)
    scores = random.normal(size=4000) + truth
    exact = roc_auc_score(truth, scores)
    assert area(scores, truth, limit=4000).value() == pytest.approx(exact, rel=1e-12)
    bounded = area(scores, truth, limit=500)
    assert abs(bounded.value() - exact) < 1e-3
    assert 250 < len(bounded.state()["keys"]) <= 500
    order = random.permutation(4000)
    assert area(scores[order], truth[order], limit=500).value() == pytest.approx(bounded.value(), rel=1e-12)


def test_the_state_between_two_sortings_goes_on_to_the_last_bit() -> None:
    random = np.random.default_rng(1)
    outputs, truth = (
        torch.tensor(random.normal(size=(600, 4)), dtype=torch.float32),
        torch.tensor(random.integers(0, 4, 600)),
    )
    weights = torch.tensor(random.random(600), dtype=torch.float32)

    def feed(metric: AreaUnderCurve, first: int, last: int) -> AreaUnderCurve:
        for start in range(first, last, 50):
            piece = slice(start, start + 50)
            metric.update(outputs[piece], Batch(outputs[piece], truth[piece], weights[piece]))
        return metric

    task = Task("index", 4, 4)
    whole, other = feed(AreaUnderCurve(task, 700), 0, 600), AreaUnderCurve(task, 700)
    other.load(feed(AreaUnderCurve(task, 700), 0, 350).state())
    assert feed(other, 350, 600).value() == whole.value()


def test_metrics_are_measured_logged_and_resumed(tmp_path: Path) -> None:
    changes = {
        "metrics": ["accuracy", {"name": "top_k", "k": 3}, "f1", "auc"],
        "training": {"monitor": "val_auc"},
    }
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    whole, cut = trained(tmp_path / "whole", **changes), trained(tmp_path / "cut", after=13, **changes)
    resumed(cut)
    assert rows(whole) == rows(cut)
    last = rows(whole)[-1]
    assert (
        last["val_top_k"] >= last["val_accuracy"] and 0.5 < last["val_auc"] <= 1 and 0 < last["train_f1"] <= 1
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"metrics": [{"name": "top_k", "k": 11}]},
            (
                "metrics.0.k: received k 11; the data has 10 classes, so that every answer would be "
                "right; expected a k below 10; k: 5"
            ),
        ),
        (
            {"metrics": ["accuracy", "top_k"], "data": {"name": "iris"}},
            (
                "metrics.1.k: received k 5; the data has 3 classes, so that every answer would be "
                "right; expected a k below 3; k: 1"
            ),
        ),
        (
            {"metrics": [{"name": "top_k", "k": 1}], "data": {"name": "moons", "samples": 60}},
            (
                "metrics.0.k: received k 1; the data has 2 classes, so that the net has one output; "
                "expected a k below 2; metrics: [accuracy]"
            ),
        ),
        (
            {"metrics": ["auc"], "data": "diabetes"},
            "metrics.0: auc does not fit targets that are numbers; expected another metric; metrics: auto",
        ),
        (
            {"metrics": ["f1"], "data": "diabetes"},
            "metrics.0: f1 does not fit targets that are numbers; expected another metric; metrics: auto",
        ),
        (
            {"metrics": ["auc", "f1", "auc"]},
            (
                "metrics.2: auc is listed twice, and both would be called val_auc; expected each "
                "metric once; remove one of them"
            ),
        ),
        ({"loss": "huber"}, "loss: huber does not fit targets that are one class of several (10 classes)"),
        (
            {"loss": "hinge", "regularizers": {"label_smoothing": 0.1}},
            "regularizers.label_smoothing: label_smoothing makes soft targets; hinge needs one "
            "class a row; expected a loss for soft "
            "targets; loss: cross_entropy",
        ),
    ],
)
def test_refused(changes: Any, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        built(**changes)
    assert str(caught.value).startswith(said)
