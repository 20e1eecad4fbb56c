"""Metrics of real targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...nn.batch import Task
from ...registry import part

_REAL = frozenset({"real"})


def _lacks(rows: int, counts: Sequence[int], names: Sequence[str]) -> str:
    """A second row: a single one has no variance."""
    return "one row has no variance" if rows < 2 else ""


@part(
    "metrics",
    targets=_REAL,
    source="scikit-learn, User Guide, 'R2 score, the coefficient of determination'",
    lacks=_lacks,
    conversions={
        "torch": "no such function",
        "keras": 'R2Score(class_aggregation="uniform_average"): the same',
    },
)
def r2(task: Task) -> Any:
    """The share of the target's variance that is explained: 1 is perfect, 0 no better than the mean.

    Several targets are averaged. NaN for fewer than two rows, which have no variance. Shapes: outputs and
    targets (n, targets). Rows are weighted by `batch.weights`.
    """
    from ...nn.metrics.regression import R2

    return R2()


@part(
    "metrics",
    targets=_REAL,
    better="min",
    source="scikit-learn, User Guide, 'Mean absolute error'",
    conversions={"torch": "torch.nn.L1Loss()", "keras": "MeanAbsoluteError()"},
)
def mae(task: Task) -> Any:
    """The mean of |output - target|, in the target's own units; several targets are averaged.

    Shapes: outputs and targets (n, targets). Rows are weighted by `batch.weights`.
    """
    from ...nn.metrics.regression import MeanAbsoluteError

    return MeanAbsoluteError(task)


@part(
    "metrics",
    targets=_REAL,
    better="min",
    source="scikit-learn, API reference, root_mean_squared_error",
    conversions={
        "torch": "the root of torch.nn.MSELoss(), for one target",
        "keras": (
            "RootMeanSquaredError() takes one root over all targets; this one averages each target's root"
        ),
    },
)
def rmse(task: Task) -> Any:
    """The root of the mean squared error, in the target's own units.

    Several targets have a root each, which are averaged. Shapes: outputs and targets (n, targets). Rows are
    weighted by `batch.weights`.
    """
    from ...nn.metrics.regression import RootMeanSquaredError

    return RootMeanSquaredError(task)
