"""Whatever is averaged over rows equals a float64 calculation over all rows at once: any batch size, any
order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn import metrics as reference
from torch import Tensor, nn

from dnnlab.engine.measure import Running, evaluate
from dnnlab.engine.split import Split
from dnnlab.nn import losses
from dnnlab.nn.batch import Batch, Task
from dnnlab.nn.metrics.auc import AreaUnderCurve
from dnnlab.nn.metrics.base import Metric
from dnnlab.nn.metrics.classification import Accuracy, MacroF1, TopK
from dnnlab.nn.metrics.regression import R2, MeanAbsoluteError, RootMeanSquaredError
from dnnlab.registry import entries

Numbers = NDArray[np.float64]
Exact = Callable[[Numbers, Numbers, Numbers], float]
"""Outputs, targets and row weights of all rows to the number."""

ROWS, SIZES = (3, 32, 257, 1030), (1, 7, 32, 256, 2000)
CLASSES, REAL = Task("index", 3, 3), Task("real", 0, 2, scale=(2.0, 0.5), offset=(0.0, 0.0))
BINARY, LABELS = Task("index", 2, 1), Task("multi", 2, 2)


def mean(rows: Numbers, weights: Numbers) -> float:
    """The weighted mean of one number a row."""
    return float(np.average(rows, weights=weights))


def log_shares(outputs: Numbers) -> Numbers:
    """log softmax."""
    shifted: Numbers = outputs - outputs.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


def of_class(outputs: Numbers, targets: Numbers) -> Numbers:
    """The score of each row's own class."""
    return outputs[np.arange(len(outputs)), targets.astype(int)]


def binary(outputs: Numbers, targets: Numbers) -> Numbers:
    """-t log s - (1 - t) log(1 - s), s = sigmoid(output)."""
    return np.logaddexp(0, outputs) - targets * outputs


def huber(errors: Numbers) -> Numbers:
    """With delta 1."""
    size = np.abs(errors)
    return np.where(size <= 1, size**2 / 2, size - 0.5)


def hinge_rows(outputs: Numbers, targets: Numbers) -> Numbers:
    """With margin 1, over the wrong classes."""
    beyond = np.maximum(0, outputs - of_class(outputs, targets)[:, None] + 1)
    return np.asarray(beyond.sum(1) - 1)


def one_versus_rest(outputs: Numbers, targets: Numbers, weights: Numbers) -> float:
    """Mean of the areas of all classes, scores in log softmax."""
    scores = log_shares(outputs)
    areas = [reference.roc_auc_score(targets == k, scores[:, k], sample_weight=weights) for k in range(3)]
    return float(np.mean(areas))


def second_best(outputs: Numbers, targets: Numbers, weights: Numbers) -> float:
    """Share of rows whose class has one of the two highest scores."""
    return mean(((outputs > of_class(outputs, targets)[:, None]).sum(1) < 2).astype(float), weights)


def macro_f1(outputs: Numbers, targets: Numbers, weights: Numbers) -> float:
    """scikit-learn's, over classes that occur or are predicted."""
    score = reference.f1_score(targets, outputs.argmax(1), average="macro", sample_weight=weights)
    return float(score)


SCALE = np.array(REAL.scale)
LOSSES: dict[str, tuple[Task, Callable[[Tensor, Batch], Tensor], Exact]] = {
    "cross_entropy": (CLASSES, losses.cross_entropy, lambda o, t, w: mean(-of_class(log_shares(o), t), w)),
    "hinge": (CLASSES, partial(losses.hinge, margin=1.0), lambda o, t, w: mean(hinge_rows(o, t), w)),
    "binary": (BINARY, losses.binary_cross_entropy, lambda o, t, w: mean(binary(o[:, 0], t), w)),
    "labels": (LABELS, losses.binary_cross_entropy, lambda o, t, w: mean(binary(o, t).mean(1), w)),
    "mse": (REAL, losses.mse, lambda o, t, w: mean(((o - t) ** 2).mean(1), w)),
    "mae": (REAL, losses.mae, lambda o, t, w: mean(np.abs(o - t).mean(1), w)),
    "huber": (REAL, partial(losses.huber, delta=1.0), lambda o, t, w: mean(huber(o - t).mean(1), w)),
}
METRICS: dict[str, tuple[Task, Callable[[], Metric], Exact]] = {
    "accuracy": (CLASSES, lambda: Accuracy(CLASSES), lambda o, t, w: mean((o.argmax(1) == t) * 1.0, w)),
    "accuracy of labels": (
        LABELS,
        lambda: Accuracy(LABELS),
        lambda o, t, w: mean(((o > 0) == t).mean(1), w),
    ),
    "top_k": (CLASSES, lambda: TopK(2), second_best),
    "f1": (CLASSES, lambda: MacroF1(CLASSES), macro_f1),
    "auc": (CLASSES, lambda: AreaUnderCurve(CLASSES), one_versus_rest),
    "mae": (
        REAL,
        lambda: MeanAbsoluteError(REAL),
        lambda o, t, w: mean(np.abs((o - t) * SCALE).mean(1), w),
    ),
    "rmse": (
        REAL,
        lambda: RootMeanSquaredError(REAL),
        lambda o, t, w: float(np.sqrt(np.average(((o - t) * SCALE) ** 2, axis=0, weights=w)).mean()),
    ),
    "r2": (REAL, R2, lambda o, t, w: float(reference.r2_score(t, o, sample_weight=w))),
}


def rows_of(task: Task, rows: int) -> tuple[Tensor, Tensor]:
    """Outputs that drift along the rows, as a sorted table has them, and targets that follow; every class
    occurs.
    """
    generator = torch.Generator().manual_seed(rows)
    outputs = torch.randn(rows, task.outputs, generator=generator) + torch.linspace(-2, 3, rows).unsqueeze(1)
    if task.target == "real":
        return outputs, outputs * 0.8 + torch.randn(rows, task.outputs, generator=generator)
    if task.target == "multi":
        return outputs, (torch.rand(rows, task.outputs, generator=generator) < 0.4).float()
    targets = torch.randint(task.classes, (rows,), generator=generator)
    targets[: task.classes] = torch.arange(task.classes)
    return outputs, targets


def orders(rows: int) -> Iterator[Tensor]:
    """The rows' own order, the other way round, and mixed."""
    own = torch.arange(rows)
    yield from (own, own.flip(0), torch.randperm(rows, generator=torch.Generator().manual_seed(1)))


def weights_of(rows: int, uneven: bool) -> Tensor | None:
    """Weights that grow along the rows."""
    return torch.linspace(0.1, 5.0, rows) if uneven else None


def whole(outputs: Tensor, targets: Tensor, weights: Tensor | None) -> tuple[Numbers, Numbers, Numbers]:
    """All rows in float64."""
    row_weights = np.ones(len(outputs)) if weights is None else weights.double().numpy()
    return outputs.double().numpy(), targets.double().numpy(), row_weights


@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_metrics_of_an_epoch_are_those_of_all_its_rows(name: str, uneven: bool) -> None:
    task, loss, exact = LOSSES[name]
    kinds = {key: make for key, (of_task, make, _) in METRICS.items() if of_task is task}
    for rows, size in product(ROWS, SIZES):
        outputs, targets = rows_of(task, rows)
        weights = weights_of(rows, uneven)
        arrays = whole(outputs, targets, weights)
        for order in orders(rows):
            running = Running({key: make() for key, make in kinds.items()}, torch.device("cpu"))
            for index in order.split(size):
                batch = Batch(outputs[index], targets[index], None if weights is None else weights[index])
                running.add(batch, outputs[index], loss(outputs[index], batch), None)
            found = running.values("train")
            assert found["train_loss"] == pytest.approx(exact(*arrays), rel=1e-5), (rows, size)
            for key in kinds:
                expected = METRICS[key][2](*arrays)
                assert found[f"train_{key}"] == pytest.approx(expected, rel=1e-5, abs=1e-7), (key, rows, size)


@pytest.mark.parametrize("uneven", [False, True])
def test_an_evaluation_does_not_depend_on_the_batch_size(uneven: bool) -> None:
    """With rows in another order, and only some of them: `train_eval_...` measures a sample."""
    for rows, size in product(ROWS, SIZES):
        outputs, targets = rows_of(REAL, rows)
        split = Split(outputs, targets, weights_of(rows, uneven))
        for index in [None, *orders(rows), torch.arange(rows)[::2]]:
            found = evaluate(nn.Identity(), split, losses.mse, {"r2": R2()}, size, torch.no_grad, index)
            kept = torch.arange(rows) if index is None else index
            weights = None if split.weights is None else split.weights[kept]
            arrays = whole(outputs[kept], targets[kept], weights)
            assert found["val_loss"] == pytest.approx(LOSSES["mse"][2](*arrays), rel=1e-5)
            assert found["val_r2"] == pytest.approx(METRICS["r2"][2](*arrays), rel=1e-5, abs=1e-6)


def test_a_penalty_is_averaged_over_the_rows_of_the_steps_that_measured_it() -> None:
    for rows, size in product(ROWS, SIZES):
        outputs, targets = rows_of(REAL, rows)
        running, total, counted = Running({}, torch.device("cpu")), 0.0, 0
        for step, index in enumerate(torch.arange(rows).split(size)):
            penalty = torch.tensor(float(step + 1)) if step % 3 == 0 else None
            running.add(Batch(outputs[index], targets[index]), outputs[index], torch.tensor(0.0), penalty)
            if penalty is not None:
                total, counted = total + float(penalty) * len(index), counted + len(index)
        assert running.values("train")["train_penalty"] == pytest.approx(total / counted, rel=1e-6)


def test_every_metric_and_loss_of_the_catalogue_is_measured_here() -> None:
    losses_here = {"cross_entropy", "hinge", "binary_cross_entropy", "mse", "mae", "huber"}
    assert {entry.name for entry in entries("loss")} == losses_here
    assert {entry.name for entry in entries("metrics")} == {name for name in METRICS if " " not in name}
