"""A linear model on the prepared rows of a table: what a net has to be better than.

Ridge regression (alpha 1) for numbers, logistic regression (C 1) for classes and for each label, as in
scikit-learn, on the training rows and inputs that the net gets. It draws nothing at random.
"""

from __future__ import annotations

import math
import warnings
from contextlib import nullcontext
from typing import Any

import numpy as np
from torch import Tensor, from_numpy, nn

from ..config.sections import Experiment
from ..data.prepare.prepared_data import Prepared, SplitRows
from ..engine.measure import evaluate
from ..engine.split import Split
from ..nn.batch import Task
from .training.objective import Objective

WORK = 10_000_000  # rows x inputs x outputs: about a second
ROWS_AN_INPUT = 2
STEPS = 300
NEVER = -30.0  # the log-odds of what no training row is

Weights = tuple[np.ndarray, np.ndarray]
"""(outputs, inputs) and (outputs,)."""


def linear_baseline(x: Experiment, data: Prepared, objective: Objective) -> dict[str, Any] | None:
    """The content of baseline.json: {format, model, rows, metrics, skipped}; None if the data are no table.

    metrics: the run's own loss and metrics, `train_...` and `val_...`. skipped: why there is no model. Of
    many rows so many are used, evenly spaced, as take about a second.
    """
    if len(data.in_shape) != 1 or x.architecture.flag("target") == "input":
        return None
    task, inputs, width = objective.task, data.in_shape[0], max(data.classes, data.target_width)
    found: dict[str, Any] = {"format": 1, "model": "ridge" if data.target == "real" else "logistic"}
    most = WORK // (inputs * width)
    if skipped := _skipped(data, most, width):
        return {**found, "rows": 0, "metrics": {}, "skipped": skipped}
    seen = _spaced(data.train, most)
    net = _module(_fitted(data, seen), task)
    parts = {"train": seen} | ({} if data.validation is None else {"val": _spaced(data.validation, most)})
    measured = {
        f"{part}{name.removeprefix('val')}": value
        for part, rows in parts.items()
        for name, value in evaluate(
            net, Split(*rows), objective.loss, objective.metrics(), 1024, nullcontext
        ).items()
        if math.isfinite(value)
    }
    return {**found, "rows": len(seen.inputs), "metrics": measured, "skipped": ""}


def _skipped(data: Prepared, most: int, width: int) -> str:
    """Why there is no linear model; "" if there is one. most: rows that take about a second."""
    inputs = data.in_shape[0]
    if not isinstance(data.train.inputs, Tensor):
        return "the rows do not fit into memory"
    if most < min(len(data.train.inputs), ROWS_AN_INPUT * inputs):
        return f"{inputs:,} inputs x {width:,} outputs take too long"
    if data.target == "index" and len(np.unique(data.train.targets)) < 2:
        return "the training rows are of one class"
    return ""


def _spaced(part: SplitRows, most: int) -> SplitRows:
    """At most so many rows, evenly spaced."""
    if len(part.inputs) <= most:
        return part
    index = from_numpy(np.linspace(0, len(part.inputs) - 1, most).astype(np.int64))
    return SplitRows(part.inputs[index], part.targets[index])


def _fitted(data: Prepared, seen: SplitRows) -> Weights:
    """The linear model: numbers, or the log-odds of each class or label."""
    from sklearn.linear_model import Ridge

    inputs, targets = np.asarray(seen.inputs, dtype=np.float64), seen.targets.numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of steps that were not enough, and of numbers that are not scaled
        if data.target == "real":
            model = Ridge(alpha=1.0).fit(inputs, targets)
            return model.coef_.reshape(-1, inputs.shape[1]), np.ravel(model.intercept_)
        if data.target == "multi":
            labels = [_log_odds(inputs, column > 0, 2) for column in targets.T]
            return np.stack([w[1] - w[0] for w, _ in labels]), np.array([b[1] - b[0] for _, b in labels])
        return _log_odds(inputs, targets, data.classes, None if data.balance is None else "balanced")


def _log_odds(inputs: np.ndarray, targets: np.ndarray, classes: int, balance: str | None = None) -> Weights:
    """The log-odds of each class; of classes without rows they are `NEVER`."""
    from sklearn.linear_model import LogisticRegression

    weight, bias = np.zeros((classes, inputs.shape[1])), np.full(classes, NEVER)
    present = np.unique(targets).astype(np.int64)
    bias[present] = 0.0
    if len(present) > 1:
        model = LogisticRegression(max_iter=STEPS, class_weight=balance).fit(inputs, targets)
        rows = present[-len(model.coef_) :]  # of two classes only the second one has weights
        weight[rows], bias[rows] = model.coef_, model.intercept_
    return weight, bias


def _module(weights: Weights, task: Task) -> nn.Module:
    """The model as a net with the outputs of the task, of which two classes may have one."""
    weight, bias = weights
    if task.target == "index" and task.outputs == 1:
        weight, bias = weight[1:] - weight[:1], bias[1:] - bias[:1]
    net = nn.Linear(weight.shape[1], len(weight), device="meta")  # where no weights are drawn
    state = {"weight": from_numpy(weight).float(), "bias": from_numpy(bias).float()}
    net.load_state_dict(state, assign=True)
    return net
