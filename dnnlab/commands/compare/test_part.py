"""Results of `evaluate` on the test part, read from a run's evaluations/. They never rank runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...rundir.json_values import number
from ...rundir.run_record import read_record


def newest_test(path: Path) -> dict[str, Any] | None:
    """{weights, metrics, file} of the newest evaluation on the test part; None if there is none.

    Damaged files are passed over.

    metrics: name -> number; an evaluation may give a metric as a number or as {value, low, high}.
    """
    for file, found in read_record(path).evaluations():
        metrics = found.get("metrics")
        if found.get("split") == "test" and isinstance(metrics, dict):
            values = {
                key.removeprefix("test_"): value
                for key, item in metrics.items()
                if (value := _value(item)) is not None
            }
            return {"weights": found.get("weights"), "metrics": values, "file": file}
    return None


def _value(item: Any) -> float | None:
    return number(item.get("value")) if isinstance(item, dict) else number(item)
