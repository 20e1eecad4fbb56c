"""A run folder, whole, damaged, old or still training, as the `Records` that rules read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...diagnose import Records
from ...diagnose.records import numbers, samples
from ...rundir import RunView

FILES = {
    "steps": ("steps.jsonl", ""),
    "ratios": ("update_ratios.jsonl", "ratios"),
    "gradients": ("gradients.jsonl", "norms"),
    "activations": ("activations.jsonl", "layers"),
    "dead_units": ("dead_units.jsonl", "units"),
}
"""Field of the records -> file, and the key of a row below which its numbers stand."""


def records_of(view: RunView, word: str) -> Records:
    """Read everything that rules ask for; what is missing or damaged stays empty, and `view.problems` says so. word: RUN for a command."""
    meta, data = view.meta, view.json("data.json") or {}
    counts, rows, names = _mapping(data.get("class_counts")).get("train"), _mapping(data.get("rows")), data.get("names")
    parameters, monitor = _mapping(meta.get("parameters")).get("total"), meta.get("monitor")
    return Records(
        word=word,
        status=view.status,
        reason=str(meta.get("reason") or ""),
        config=_mapping(meta.get("config")),
        target=str(data.get("target", "index")),
        names=tuple(str(name) for name in names) if isinstance(names, list) else (),
        class_counts=tuple(n for n in counts if isinstance(n, int)) if isinstance(counts, list) else (),
        rows={part: n for part, n in rows.items() if isinstance(n, int)},
        parameters=parameters if isinstance(parameters, int) else None,
        monitor=monitor if isinstance(monitor, str) else "val_loss",
        better="max" if meta.get("better") == "max" else "min",
        scaled_target=bool(data.get("target_scaling")),
        spread=numbers(_mapping(data.get("spread"))),
        metrics=samples(view.rows("metrics.jsonl")),
        predictions=samples(_nested(view.rows("predictions.jsonl")), "layers"),
        **{field: samples(view.rows(file), inside) for field, (file, inside) in FILES.items()},
    )


def _nested(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of predictions.jsonl in the form of those that have layers: {shares: {class: number}, labels: {...}}."""
    return [{**row, "layers": {key: row[key] for key in ("shares", "labels") if isinstance(row.get(key), dict)}} for row in rows]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
