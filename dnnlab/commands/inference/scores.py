"""Compute scores of a part of the data from the net's outputs: classes, several labels, numbers.

It needs NumPy, but no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from .decode import log_softmax
from .intervals import Array, Interval, bootstrap, bootstrap_table, wilson

LARGEST_TABLE = 100  # classes whose confusion matrix is kept whole
CONFUSIONS = 20
AVERAGED = ("precision", "recall", "f1")


@dataclass
class Scores:
    """The scores of a net on a part of the data."""

    metrics: dict[str, float] = field(default_factory=dict)
    """name -> number."""
    intervals: dict[str, Interval | None] = field(default_factory=dict)
    """name -> 95 % interval, for the metrics that have one."""
    per_class: list[dict[str, Any]] = field(default_factory=list)
    """A row for each class or label."""
    per_target: list[dict[str, Any]] = field(default_factory=list)
    """A row for each of several real targets."""
    confusion: list[list[int]] | None = None
    """The confusion matrix (rows true, columns predicted); None for labels and numbers."""
    confusions: list[dict[str, Any]] = field(default_factory=list)
    """{true, predicted, rows} of the most frequent mistakes."""

    def json(self) -> dict[str, Any]:
        """All of it, without what does not apply."""
        known = {name: list(pair) for name, pair in self.intervals.items() if pair is not None}
        return {
            key: value
            for key, value in {**vars(self), "intervals": known}.items()
            if value or key in ("metrics", "per_class")
        }


def class_scores(logits: Array, targets: Array, names: Sequence[str], probabilities: bool = True) -> Scores:
    """Scores of one class a row.

    logits: (rows, classes) float64, the highest is the answer; one output z of two classes is the pair (0,
    z). targets: (rows,) class numbers. probabilities: whether the softmax of the logits means something;
    without it there is no cross-entropy.
    """
    classes, rows = len(names), len(targets)
    table = np.bincount(targets * classes + logits.argmax(axis=1), minlength=classes * classes).reshape(
        classes, classes
    )
    right = int(np.trace(table))
    scores = Scores({"accuracy": right / rows}, {"accuracy": wilson(right, rows)})
    logs = log_softmax(logits)
    if probabilities:
        add_mean(scores, "cross_entropy", -logs[np.arange(rows), targets][:, None])
    # Two classes are ranked by the difference of their logits: near 1, probabilities run together.
    ranking = logits - logits[:, ::-1] if classes == 2 else logs
    areas = [auc(targets == c, ranking[:, c]) for c in range(classes)]
    add_auc(scores, areas)
    for average in ("macro", "weighted"):
        scores.metrics |= {f"{name}_{average}": float(averaged(table, name, average)) for name in AVERAGED}
    scores.intervals |= {
        f"{name}_macro": bootstrap_table(table, partial(averaged, name=name, average="macro"))
        for name in AVERAGED
    }
    columns = {name: of_class(table, name) for name in AVERAGED}
    for c, name in enumerate(names):
        row = {key: float(values[c]) for key, values in columns.items()}
        scores.per_class.append({"name": name, **row, "support": int(table[c].sum()), "auc": areas[c]})
    scores.confusion = table.tolist() if classes <= LARGEST_TABLE else None
    scores.confusions = most_confused(table, names)
    return scores


def label_scores(logits: Array, targets: Array, names: Sequence[str]) -> Scores:
    """Scores of several labels a row.

    logits: (rows, labels) float64; above 0 means yes. targets: (rows, labels) of 0 and 1. `accuracy` is the
    share of labels that are right (as in training), `exact_match` the share of rows with no label wrong.
    """
    answers, truth = logits > 0, targets > 0.5
    hits = answers == truth
    whole, rows = int(hits.all(axis=1).sum()), len(truth)
    scores = Scores()
    add_mean(scores, "accuracy", hits.mean(axis=1, keepdims=True))
    scores.metrics["exact_match"], scores.intervals["exact_match"] = whole / rows, wilson(whole, rows)
    add_mean(
        scores, "cross_entropy", np.logaddexp(0, np.where(truth, -logits, logits)).mean(axis=1, keepdims=True)
    )
    for i, name in enumerate(names):
        table = np.bincount(2 * truth[:, i] + answers[:, i], minlength=4).reshape(2, 2)
        row = {key: float(of_class(table, key)[1]) for key in AVERAGED}
        area, support = auc(truth[:, i], logits[:, i]), int(table[1].sum())
        scores.per_class.append(
            {"name": name, **row, "support": support, "auc": area, "accuracy": float(hits[:, i].mean())}
        )
    add_auc(scores, [row["auc"] for row in scores.per_class])
    weights = np.array([row["support"] for row in scores.per_class])
    for average, shares in {"macro": np.ones(len(names)), "weighted": weights}.items():
        for key in AVERAGED:
            values = np.array([row[key] for row in scores.per_class])
            scores.metrics[f"{key}_{average}"] = (
                float(values @ shares / shares.sum()) if shares.any() else 0.0
            )
    return scores


def number_scores(outputs: Array, targets: Array, names: Sequence[str], explained: bool = True) -> Scores:
    """Scores of real targets; several targets are measured one by one and averaged.

    outputs, targets: (rows, targets) float64 in their own units. names: of the targets; empty if the targets
    are the inputs. explained: whether to compute r2 (nearly constant pixels of images make it meaningless).
    """
    errors = outputs - targets
    # A constant target must give exact zeros, which its mean need not.
    middle = np.where(targets.min(axis=0) == targets.max(axis=0), targets[0], targets.mean(axis=0))
    deviations = targets - middle
    columns = {"r2": np.concatenate([errors**2, deviations, deviations**2], axis=1)} if explained else {}
    columns |= {"mae": np.abs(errors), "rmse": errors**2}
    each = {name: NUMBERS[name](values.mean(axis=0, keepdims=True))[0] for name, values in columns.items()}
    each["max_error"] = np.abs(errors).max(axis=0)
    scores = Scores(
        {name: float(values.mean() if name != "max_error" else values.max()) for name, values in each.items()}
    )
    for name, values in columns.items():
        scores.intervals[name] = bootstrap(values, lambda means, of=NUMBERS[name]: of(means).mean(axis=1))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
    if len(names) > 1:
        scores.per_target = [
            {"name": name, **{key: float(values[i]) for key, values in each.items()}}
            for i, name in enumerate(names)
        ]
    return scores


def r2(means: Array) -> Array:
    """The share of each target's variance that is explained, (n, targets).

    means: (n, 3 targets), the means of e^2, t and t^2. A constant target gives 1 if all its predictions are
    exact, else 0.
    """
    squared, first, second = np.split(means, 3, axis=1)
    spread = second - first**2
    with np.errstate(divide="ignore", invalid="ignore"):
        explained: Array = np.where(spread > 0, 1 - squared / spread, np.where(squared == 0, 1.0, 0.0))
    return explained


NUMBERS: dict[str, Callable[[Array], Array]] = {"r2": r2, "mae": lambda means: means, "rmse": np.sqrt}
"""Metrics of real targets from means over rows."""


def add_mean(scores: Scores, name: str, rows: Array) -> None:
    """A metric that is a mean over rows, (rows, 1), with its interval."""
    scores.metrics[name] = float(rows.mean())
    scores.intervals[name] = bootstrap(rows, lambda means: means[:, 0])


def of_class(table: Array, name: str) -> Array:
    """Precision, recall or f1 of each class, (..., classes), from counts, (..., true, predicted).

    Undefined values are 0.
    """
    right = np.diagonal(table, axis1=-2, axis2=-1)
    predicted, true = table.sum(axis=-2), table.sum(axis=-1)
    below = {"precision": predicted, "recall": true, "f1": (predicted + true) / 2}[name]
    ratio: Array = np.divide(right, below, out=np.zeros(right.shape), where=below > 0)
    return ratio


def averaged(table: Array, name: str, average: str) -> Array:
    """The mean over the classes that occur or were predicted (macro), or weighted by their rows."""
    values, true = of_class(table, name), table.sum(axis=-1)
    weights = true if average == "weighted" else (true + table.sum(axis=-2)) > 0
    mean: Array = (values * weights).sum(axis=-1) / weights.sum(axis=-1)
    return mean


def add_auc(scores: Scores, areas: Sequence[float | None]) -> None:
    """The mean of each class's or label's area, where all have one."""
    known = [area for area in areas if area is not None]
    if known and len(known) == len(areas):
        scores.metrics["auc"] = float(np.mean(known))


def auc(positive: Array, chances: Array) -> float | None:
    """The area under the ROC curve: how often a positive row ranks above a negative one, ties counting half.

    None with rows of one kind.

    positive: (rows,) booleans; chances: (rows,). Source: Hanley & McNeil 1982, Radiology 143.
    """
    yes = int(positive.sum())
    no = len(positive) - yes
    if yes == 0 or no == 0:
        return None
    _, place, ties = np.unique(chances, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place]
    return float((ranks[positive].sum() - yes * (yes + 1) / 2) / (yes * no))


def most_confused(table: Array, names: Sequence[str]) -> list[dict[str, Any]]:
    """The most frequent mistakes, the first class first if they are equally frequent."""
    wrong = table.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:CONFUSIONS]
    pairs = [divmod(int(place), len(names)) for place in order]
    return [
        {"true": names[t], "predicted": names[p], "rows": int(wrong[t, p])} for t, p in pairs if wrong[t, p]
    ]
