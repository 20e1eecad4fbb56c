"""A metric of your own.

In a config beside this file:

plugins: [my_metric.py]
metrics: [accuracy, {name: my_metric, k: 2}]
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import PositiveInt, part


@part(
    "metrics",
    source="where the definition comes from: a paper, a text",
    targets=frozenset({"index"}),
    better="max",
    example={"k": 2},
)
def my_metric(task: Any, *, k: PositiveInt = 3) -> Any:
    """The share of rows whose right class is among the k likeliest, from 0 to 1.

    k: classes that may be named, >= 1. Shapes: outputs (n, classes), targets (n,) class numbers. Rows are
    weighted by `batch.weights`.
    """
    from dnnlab.nn.metrics.base import Metric, row_sum, row_total

    class Among(Metric):
        """`measure` adds a batch to sums that stay on the device; `value` says what they mean."""

        def measure(self, outputs: Any, batch: Any) -> None:
            labels = (
                batch.targets if batch.targets.ndim == 1 else batch.targets.argmax(1)
            )  # soft targets in training
            best = outputs.topk(min(k, outputs.shape[1]), dim=1).indices
            hits = (best == labels.unsqueeze(1)).any(1)
            self._add("hits", row_sum(hits, batch.weights))
            self._add("rows", row_total(hits, batch.weights))

        def value(self) -> float:
            return float(self._sums["hits"]) / float(self._sums["rows"]) if self._sums else float("nan")

    return Among()
