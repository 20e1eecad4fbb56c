"""Run folders written by hand, in the form that a training leaves: quick to make, with the numbers that a
test wants.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CONFIG: dict[str, Any] = {
    "name": "digits",
    "tags": [],
    "note": "",
    "seed": 0,
    "data": "digits",
    "architecture": "mlp",
    "architecture.hidden": [16],
    "activation": "relu",
    "optimizer": "adam",
    "optimizer.lr": 0.001,
    "training.epochs": 3,
}


def make_run(
    runs: Path,
    values: Sequence[float | None] = (0.5, 0.7, 0.6),
    config: Mapping[str, Any] | None = None,
    *,
    number: int = 0,
    status: str = "done",
    monitor: str = "val_accuracy",
    better: str = "max",
    name: str = "digits",
    folder: str | None = None,
    more: Mapping[str, Sequence[float]] | None = None,
    **meta: Any,
) -> Path:
    """A run whose monitor took these values, one an epoch of 2 s. number: how many minutes after midnight it
    began. more: other metrics.
    """
    flat = {
        key: value for key, value in {**CONFIG, "name": name, **(config or {})}.items() if value is not None
    }
    path = runs / (folder or f"20261122-{number // 60:02d}{number % 60:02d}00-{name}-{number:06x}")
    path.mkdir(parents=True)
    rows = []
    for i, value in enumerate(values):
        row = {
            "epoch": i + 1,
            "step": 10 * (i + 1),
            "seconds": 2.0 * (i + 1),
            "samples_per_second": 100.0,
            "lr": 0.001,
            "train_loss": 1 / (i + 1),
        }
        row |= {
            "val_loss": 2.0 / (i + 1),
            monitor: value,
            **{key: numbers[i] for key, numbers in (more or {}).items()},
        }
        rows.append(row)
    (path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    measured = [row for row in rows if row[monitor] is not None]
    best = (max if better == "max" else min)(measured, key=lambda row: row[monitor]) if measured else None
    whole: dict[str, Any] = {
        "format": 1,
        "name": flat["name"],
        "status": status,
        "config": flat,
        "tags": flat["tags"],
        "note": flat["note"],
    }
    whole |= {
        "created": f"2026-11-22T{number // 60:02d}:{number % 60:02d}:00+00:00",
        "seed": flat["seed"],
        "sources": [],
        "folder": str(runs),
    }
    whole |= {"monitor": monitor, "better": better, "parameters": {"total": 1000, "trained": 1000}}
    whole |= (
        {"best": moment(best), "last": moment(rows[-1] if rows else None), "seconds": 2.0 * len(rows)}
        if status != "running"
        else {}
    )
    (path / "meta.json").write_text(json.dumps({**whole, **meta}))
    return path


def moment(row: dict[str, Any] | None) -> dict[str, Any]:
    """{epoch, metrics} as meta.json holds it."""
    beside = ("epoch", "step", "seconds", "samples_per_second", "lr")
    return (
        {}
        if row is None
        else {
            "epoch": row["epoch"],
            "metrics": {key: value for key, value in row.items() if key not in beside},
        }
    )


def seeds(
    runs: Path,
    best: Sequence[float],
    config: Mapping[str, Any] | None = None,
    *,
    first: int = 0,
    **options: Any,
) -> list[Path]:
    """Runs that differ in the seed alone, with these best values."""
    made = []
    for i, value in enumerate(best):
        flat = {**(config or {}), "seed": i}
        made.append(make_run(runs, (value / 2, value, value * 0.9), flat, number=first + i, **options))
    return made


def change_meta(run: Path, **changes: Any) -> None:
    """Other values in meta.json."""
    meta = json.loads((run / "meta.json").read_text())
    (run / "meta.json").write_text(json.dumps({**meta, **changes}))


def contents(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything of a folder that reading must not change: times of change, modes and bytes."""
    found = {}
    for path in sorted([folder, *folder.rglob("*")]):
        at = path.stat()
        found[str(path)] = (at.st_mtime_ns, at.st_mode, path.read_bytes() if path.is_file() else b"")
    return found
