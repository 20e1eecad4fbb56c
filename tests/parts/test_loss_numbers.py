"""Losses against numbers computed by hand in float64."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from dnnlab import registry
from dnnlab.errors import ConfigError
from dnnlab.nn.batch import Batch, Task

CLASSES = Task("index", 3, 3)
BINARY = Task("index", 2, 1)
LABELS = Task("multi", 2, 2)
REAL = Task("real", 0, 2)


def loss_of(spec, task, outputs, targets, weights=None):
    outputs = torch.tensor(outputs, dtype=torch.float64)
    weights = None if weights is None else torch.tensor(weights)
    return registry.build("loss", spec, task)(outputs, Batch(outputs, torch.tensor(targets), weights)).item()


def softmax(scores):
    exponentials = [math.exp(s) for s in scores]
    return [e / sum(exponentials) for e in exponentials]


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


SCORES = [[2.0, -1.0, 0.5], [0.0, 3.0, -2.0]]


def test_cross_entropy_of_classes():
    first, second = -math.log(softmax(SCORES[0])[2]), -math.log(softmax(SCORES[1])[0])
    assert loss_of("cross_entropy", CLASSES, SCORES, [2, 0]) == pytest.approx((first + second) / 2, rel=1e-12)
    assert loss_of("cross_entropy", CLASSES, SCORES, [2, 0], [1.0, 3.0]) == pytest.approx(
        (first + 3 * second) / 4, rel=1e-12
    )
    assert loss_of("cross_entropy", CLASSES, [[0.0] * 3], [1]) == pytest.approx(math.log(3))


def test_cross_entropy_of_shares():
    shares = [[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]]
    rows = [
        -sum(t * math.log(p) for t, p in zip(ts, softmax(s), strict=True))
        for ts, s in zip(shares, SCORES, strict=True)
    ]
    assert loss_of("cross_entropy", CLASSES, SCORES, shares) == pytest.approx(sum(rows) / 2, rel=1e-7)
    assert loss_of("cross_entropy", CLASSES, SCORES, shares, [3.0, 1.0]) == pytest.approx(
        (3 * rows[0] + rows[1]) / 4, rel=1e-7
    )


def test_binary_cross_entropy_of_one_output():
    rows = [-math.log(sigmoid(2.0)), -math.log(1 - sigmoid(0.5)), -math.log(sigmoid(-1.0))]
    outputs = [[2.0], [0.5], [-1.0]]
    assert loss_of("binary_cross_entropy", BINARY, outputs, [1, 0, 1]) == pytest.approx(
        sum(rows) / 3, rel=1e-12
    )
    expected = (rows[0] + 2 * rows[1] + 5 * rows[2]) / 8
    assert loss_of("binary_cross_entropy", BINARY, outputs, [1, 0, 1], [1.0, 2.0, 5.0]) == pytest.approx(
        expected, rel=1e-12
    )
    soft = -0.25 * math.log(sigmoid(2.0)) - 0.75 * math.log(1 - sigmoid(2.0))
    assert loss_of("binary_cross_entropy", BINARY, [[2.0]], [0.25]) == pytest.approx(soft, rel=1e-12)
    assert loss_of("binary_cross_entropy", BINARY, [[0.0], [0.0]], [0, 1]) == pytest.approx(math.log(2))


def test_binary_cross_entropy_of_labels():
    first = (-math.log(sigmoid(1.0)) - math.log(1 - sigmoid(-2.0))) / 2
    second = (-math.log(1 - sigmoid(0.5)) - math.log(1 - sigmoid(3.0))) / 2
    outputs, targets = [[1.0, -2.0], [0.5, 3.0]], [[1.0, 0.0], [0.0, 0.0]]
    assert loss_of("binary_cross_entropy", LABELS, outputs, targets) == pytest.approx(
        (first + second) / 2, rel=1e-12
    )
    assert loss_of("binary_cross_entropy", LABELS, outputs, targets, [1.0, 4.0]) == pytest.approx(
        (first + 4 * second) / 5, rel=1e-12
    )


def test_binary_cross_entropy_does_not_overflow():
    assert loss_of("binary_cross_entropy", BINARY, [[1000.0], [-1000.0]], [0, 0]) == pytest.approx(500.0)


def test_binary_cross_entropy_refuses_three_classes():
    with pytest.raises(ConfigError) as caught:
        registry.build("loss", "binary_cross_entropy", CLASSES)
    assert str(caught.value) == (
        "the data has 3 classes; expected two classes, or several labels for each row; write loss: "
        "cross_entropy"
    )


def test_mse():
    outputs, targets = [[1.0, 2.0], [0.0, -1.0]], [[0.0, 4.0], [3.0, -1.0]]
    assert loss_of("mse", REAL, outputs, targets) == pytest.approx((1 + 4 + 9 + 0) / 4)
    assert loss_of("mse", REAL, outputs, targets, [1.0, 3.0]) == pytest.approx((2.5 + 3 * 4.5) / 4)


def test_mse_of_images():
    outputs, targets = torch.zeros(2, 1, 2, 2), torch.ones(2, 1, 2, 2)
    targets[1] = 3
    loss = registry.build("loss", "mse", REAL)
    assert loss(outputs, Batch(outputs, targets)).item() == pytest.approx(5.0)
    assert loss(outputs, Batch(outputs, targets, torch.tensor([3.0, 1.0]))).item() == pytest.approx(3.0)


def test_hinge_sums_over_wrong_classes():
    # right score 0.5: max(0, 2 - 0.5 + 1) + max(0, -1 - 0.5 + 1); right score 0: max(0, 3 + 1) + max(0, -2 +
    # 1)
    assert loss_of("hinge", CLASSES, SCORES, [2, 0]) == pytest.approx((2.5 + 4.0) / 2)
    assert loss_of("hinge", CLASSES, SCORES, [2, 0], [1.0, 3.0]) == pytest.approx((2.5 + 3 * 4.0) / 4)
    assert loss_of({"name": "hinge", "margin": 2.0}, CLASSES, SCORES, [2, 0]) == pytest.approx(
        (4.0 + 5.0) / 2
    )
    assert loss_of("hinge", CLASSES, [[9.0, 1.0, 2.0]], [0]) == 0.0


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_hinge_at_zero_scores_is_classes_minus_one(classes):
    assert loss_of("hinge", Task("index", classes, classes), [[0.0] * classes], [1]) == classes - 1


def test_hinge_is_torchs_times_the_classes():
    outputs = torch.randn(
        20, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    ).requires_grad_()
    targets = torch.arange(20) % 7
    ours = registry.build("loss", {"name": "hinge", "margin": 0.5}, Task("index", 7, 7))(
        outputs, Batch(outputs, targets)
    )
    theirs = 7 * F.multi_margin_loss(outputs, targets, margin=0.5)
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(torch.autograd.grad(ours, outputs), torch.autograd.grad(theirs, outputs))
