"""A run folder, whole, damaged, old or still training, as the `Records` that rules read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...diagnose import Records
from ...diagnose.records import numbers, samples
from ...registry import PartFacts
from ...rundir import RunView
from ...rundir.record_files import RECORD_FILES


def records_of(view: RunView, word: str) -> Records:
    """Read everything that rules ask for; what is missing or damaged stays empty, and `view.problems` says so. word: RUN for a command."""
    meta, data = view.meta, view.json("data.json") or {}
    counts, rows, names = (
        _mapping(data.get("class_counts")).get("train"),
        _mapping(data.get("rows")),
        data.get("names"),
    )
    monitor = meta.get("monitor")
    return Records(
        word=word,
        parts=PartFacts(_mapping(meta.get("plugin_parts"))),
        status=view.status,
        reason=str(meta.get("reason") or ""),
        config=_mapping(meta.get("config")),
        target=str(data.get("target", "index")),
        names=tuple(str(name) for name in names) if isinstance(names, list) else (),
        class_counts=tuple(n for n in counts if isinstance(n, int)) if isinstance(counts, list) else (),
        rows={part: n for part, n in rows.items() if isinstance(n, int)},
        monitor=monitor if isinstance(monitor, str) else "val_loss",
        scaled_target=bool(data.get("target_scaling")),
        spread=numbers(_mapping(data.get("spread"))),
        **{field: samples(view.rows(r.file), r.inside) for field, r in RECORD_FILES.items()},
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
