"""Metrics against scikit-learn."""

from __future__ import annotations

import math

import pytest
import torch
from sklearn import metrics as sklearn_metrics

from dnnlab import registry
from dnnlab.nn.batch import Batch, Task


def value_of(name, task, outputs, targets, weights=None):
    metric = registry.build("metrics", name, task)
    metric.update(outputs, Batch(outputs, targets, weights))
    return metric.value()


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_accuracy_of_classes():
    outputs, targets, weights = randn(50, 4), torch.arange(50) % 4, randn(50, seed=1).abs()
    expected = sklearn_metrics.accuracy_score(targets, outputs.argmax(1))
    assert 0.1 < expected < 0.5
    task = Task("index", 4, 4)
    assert value_of("accuracy", task, outputs, targets) == expected
    weighted = sklearn_metrics.accuracy_score(targets, outputs.argmax(1), sample_weight=weights.double())
    assert value_of("accuracy", task, outputs, targets, weights) == pytest.approx(weighted, rel=1e-12)
    assert weighted != pytest.approx(expected, rel=1e-3)


def test_accuracy_of_soft_targets_takes_the_likeliest_class():
    task, outputs = Task("index", 3, 3), torch.tensor([[1.0, 2.0, 0.0], [3.0, 0.0, 0.0]])
    assert value_of("accuracy", task, outputs, torch.tensor([[0.3, 0.6, 0.1], [0.2, 0.2, 0.6]])) == 0.5


def test_accuracy_of_one_output():
    task, outputs = Task("index", 2, 1), torch.tensor([[0.1], [-0.1], [3.0], [-2.0], [0.0]])
    assert value_of("accuracy", task, outputs, torch.tensor([1, 1, 0, 0, 0])) == 0.6
    assert value_of("accuracy", task, outputs, torch.tensor([0.9, 0.6, 0.4, 0.0, 0.5])) == 0.6


def test_accuracy_of_labels_counts_labels():
    task = Task("multi", 3, 3)
    outputs, targets = (
        torch.tensor([[1.0, -1.0, 2.0], [-1.0, -1.0, -1.0]]),
        torch.tensor([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]),
    )
    assert value_of("accuracy", task, outputs, targets) == pytest.approx(5 / 6)
    assert value_of("accuracy", task, outputs, targets, torch.tensor([3.0, 1.0])) == pytest.approx(
        (3 * 2 / 3 + 1) / 4
    )


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("r2", sklearn_metrics.r2_score),
        ("mae", sklearn_metrics.mean_absolute_error),
        ("rmse", sklearn_metrics.root_mean_squared_error),
    ],
)
def test_regression_in_the_targets_own_units(name, oracle, weighted):
    task = Task("real", 0, 2, offset=(100.0, -3.0), scale=(25.0, 0.5))
    targets = randn(60, 2)
    outputs = targets + 0.5 * randn(60, 2, seed=1)
    weights = randn(60, seed=2).abs() if weighted else None
    offset, scale = (
        torch.tensor(task.offset, dtype=torch.float64),
        torch.tensor(task.scale, dtype=torch.float64),
    )
    expected = oracle(offset + scale * targets, offset + scale * outputs, sample_weight=weights)
    assert value_of(name, task, outputs, targets, weights) == pytest.approx(expected, rel=1e-10)


def test_regression_numbers():
    task = Task("real", 0, 1, offset=(50.0,), scale=(10.0,))
    outputs, targets = torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([[0.0], [2.0], [4.0]])
    assert value_of("mae", task, outputs, targets) == pytest.approx(10.0)
    assert value_of("rmse", task, outputs, targets) == pytest.approx(10 * (5 / 3) ** 0.5)
    assert value_of("r2", task, outputs, targets) == pytest.approx(1 - 5 / 8)


def test_r2_of_a_constant_target_is_scikit_learns():
    task, targets = Task("real", 0, 1), torch.full((4, 1), 0.1)
    assert value_of("r2", task, targets, targets) == 1.0
    assert value_of("r2", task, targets + 1, targets) == 0.0


def test_r2_of_one_row_is_undefined():
    one = torch.tensor([[3.0]])
    assert math.isnan(value_of("r2", Task("real", 0, 1), one, one))


def test_r2_keeps_its_digits_far_from_zero():
    targets = randn(500, 1).double() + 1e8
    outputs = targets + 0.3 * randn(500, 1, seed=1)
    expected = sklearn_metrics.r2_score(targets, outputs)
    assert value_of("r2", Task("real", 0, 1), outputs, targets) == pytest.approx(expected, rel=1e-9)


def test_mean_target_has_no_r2():
    targets = randn(100, 1)
    assert value_of("r2", Task("real", 0, 1), targets.mean().expand(100, 1), targets) == pytest.approx(
        0.0, abs=1e-9
    )
