"""Probes against numbers worked out by hand."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
import pytest
import torch

from dnnlab.nn.batch import Task
from dnnlab.nn.probes.capture import Captured, ProbeBatch
from dnnlab.nn.probes.histograms import MOST_VALUES, histogram, histograms
from dnnlab.nn.probes.rows import (
    activation_stats,
    dead_units,
    fired,
    gradient_norms,
    predictions,
    update_ratios,
)

TASK, THREE = Task("index", 2, 2, ("a", "b")), Task("index", 3, 3, ("a", "b", "c"))


def test_update_ratio_by_hand() -> None:
    sizes = {"a.weight": torch.tensor(5.0), "b.weight": torch.tensor(2.0), "zeros.weight": torch.tensor(0.0)}
    changes = {
        "a.weight": torch.tensor([[0.3, 0.4]]),
        "b.weight": torch.zeros(1, 2),
        "zeros.weight": torch.ones(2, 2),
    }
    row = update_ratios(Captured(3, 1, sizes, changes))
    assert row == {
        "step": 3,
        "epoch": 1,
        "ratios": {"a.weight": pytest.approx(0.1), "b.weight": 0.0, "zeros.weight": None},
    }


def test_gradient_norm_joins_the_parameters_of_a_layer() -> None:
    gradients = {
        "block1.a.weight": torch.tensor([[2.0, 3.0]]),
        "block1.a.bias": torch.tensor([6.0]),
        "output.weight": torch.tensor([[-0.5]]),
    }
    row = gradient_norms(Captured(3, 1, gradients=gradients))
    assert row == {"step": 3, "epoch": 1, "norms": {"block1.a": pytest.approx(7.0), "output": 0.5}}
    assert gradient_norms(Captured(3, 1, gradients={}))["norms"] == {}


def test_a_nan_is_shown_as_it_is() -> None:
    row = gradient_norms(Captured(1, 1, gradients={"a.weight": torch.tensor([float("nan")])}))
    assert row["norms"]["a"] != row["norms"]["a"]


def test_statistics_of_activations_by_hand() -> None:
    seen = {"hidden1": torch.tensor([[0.0, 0.005], [0.5, 0.995]]), "output": torch.tensor([[-1.0, 3.0]])}
    row = activation_stats(Captured(3, 1, activations=seen, flat={"hidden1": (0.01, 0.99)}))
    deviation = statistics.pstdev([0.0, 0.005, 0.5, 0.995])
    assert row["layers"] == {
        "hidden1": {
            "mean": pytest.approx(0.375),
            "std": pytest.approx(deviation),
            "zeros": 0.25,
            "saturated": 0.75,
        },
        "output": {"mean": 1.0, "std": pytest.approx(2.0), "zeros": 0.0, "saturated": None},
    }


def test_statistics_of_half_precision_are_counted_in_float32() -> None:
    values = torch.full((64, 64), 1000.0, dtype=torch.float16)
    row = activation_stats(Captured(3, 1, activations={"a": values}))
    assert row["layers"]["a"] == {"mean": 1000.0, "std": 0.0, "zeros": 0.0, "saturated": None}


def test_a_unit_that_fires_once_is_alive() -> None:
    images = torch.zeros(5, 3, 2, 2)
    images[4, 1, 1, 0] = 0.1
    assert fired(images).tolist() == [False, True, False]
    assert fired(torch.tensor([[0.0, -1.0], [0.0, 0.0]])).tolist() == [False, True], (
        "what is not 0 has a slope"
    )
    fixed = ProbeBatch(
        torch.zeros(5, 2),
        torch.zeros(5),
        TASK,
        {"conv1": fired(images), "hidden1": torch.tensor([True, True])},
    )
    assert dead_units(Captured(3, 1, fixed=fixed))["units"] == {
        "conv1": {"dead": 2, "of": 3},
        "hidden1": {"dead": 0, "of": 2},
    }


@pytest.mark.parametrize(
    ("task", "outputs", "targets", "shares", "labels"),
    [
        (
            THREE,
            [[1, 0, 0], [2, 3, 0], [9, 0, 0], [5, 1, 1]],
            [0, 1, 1, 2],
            [0.75, 0.25, 0],
            [0.25, 0.5, 0.25],
        ),
        (Task("index", 2, 1, ("a", "b")), [[-1], [2], [3], [0]], [0, 1, 1, 1], [0.5, 0.5], [0.25, 0.75]),
        (Task("multi", 2, 2, ("a", "b")), [[1, -1], [1, 1]], [[1, 0], [1, 0]], [1.0, 0.5], [1.0, 0.0]),
    ],
    ids=["classes", "one_output", "labels"],
)
def test_predicted_and_true_shares(
    task: Task, outputs: list[Any], targets: list[Any], shares: list[float], labels: list[float]
) -> None:
    row = predictions(
        Captured(3, 1, fixed=ProbeBatch(torch.tensor(outputs).float(), torch.tensor(targets), task))
    )
    assert row == {
        "step": 3,
        "epoch": 1,
        "rows": len(targets),
        "shares": dict(zip(task.names, shares, strict=True)),
        "labels": dict(zip(task.names, labels, strict=True)),
    }


def test_classes_without_names_are_numbered() -> None:
    fixed = ProbeBatch(torch.eye(2), torch.tensor([0, 1]), Task("index", 2, 2))
    assert predictions(Captured(1, 1, fixed=fixed))["shares"] == {"0": 0.5, "1": 0.5}


def test_a_histogram_by_hand() -> None:
    gradients = {
        "a.weight": torch.tensor([[0.0, 0.5], [0.5, 64.0]]),
        "a.bias": torch.tensor([float("nan"), 63.0]),
    }
    row = histograms(Captured(3, 1, activations={"a": torch.full((2, 3), 7.0)}, gradients=gradients))
    counts, edges = row["gradients"]["a"]["counts"], row["gradients"]["a"]["edges"]
    assert edges == list(range(65))
    assert {i: n for i, n in enumerate(counts) if n} == {0: 3, 63: 2}
    same = row["activations"]["a"]
    assert (same["edges"][0], same["edges"][-1], sum(same["counts"])) == (6.5, 7.5, 6)


INF = float("inf")


@pytest.mark.parametrize(
    "values", [[], [0.1], [1e30, -1e30, 0.0], [3.0e38, -3.0e38], [INF, 0.0, 0.3, -INF, float("nan")]]
)
def test_a_histogram_is_that_of_numpy(values: list[float]) -> None:
    drawn = [*values, *(np.random.default_rng(0).normal(size=3000) if not values else [])]
    numbers = np.array(drawn, dtype=np.float32)
    counts, edges = np.histogram(numbers[np.isfinite(numbers)].astype(np.float64), 64)
    assert histogram(numbers) == {"counts": counts.tolist(), "edges": edges.astype(np.float32).tolist()}


def test_of_very_many_values_evenly_spaced_ones_are_counted() -> None:
    values = torch.arange(3 * MOST_VALUES + 1, dtype=torch.float32)
    counts = histograms(Captured(3, 1, activations={"a": values}, gradients={}))["activations"]["a"]["counts"]
    assert sum(counts) == MOST_VALUES * 3 // 4 + 1 and max(counts) - min(counts) <= 1
