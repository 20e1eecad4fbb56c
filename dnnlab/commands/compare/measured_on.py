"""What runs were measured on. Numbers of different data, tasks or target scales are never ranked together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...registry import inline
from ...rundir.run_record import DATA, DataRecord
from ...rundir.summary import Summary

SPLIT = ("validation", "test", "split_seed", "stratify")
"""The keys that choose the rows of a validation part taken from the training rows."""

Measured = Mapping[str, str]
"""What is the same for all runs of a table: a name of it -> its value in words."""


def measured_on(run: Summary) -> Measured:
    """The data, the validation rows, the task and the scale of the targets of a run."""
    data, config = run.data, run.config
    damage = [
        words for words in ([] if run.record is None else run.record.problems) if words.startswith(DATA)
    ]
    if damage and not data.content and "is missing" not in damage[0]:
        return {"data": damage[0]}
    found = {"data": data.name or str(config.get("data", "-")), "task": task_words(data)}
    found["target_scale"] = str(config.get("data.target_scale", "none"))
    found["classes"] = inline(list(data.names))
    if "validation" not in data.own_parts:
        found |= {key: inline(config.get(f"data.{key}", "-")) for key in SPLIT}
    found["validation rows"] = f"{data.rows.get('validation', 0):,}" if data.rows else "-"
    return found | {"fingerprint": str(data.fingerprint or "-")[:8]}


def task_words(data: DataRecord) -> str:
    """`10 classes`, `3 labels`, `numbers`."""
    word = {"index": "classes", "multi": "labels"}.get(data.target)
    return f"{len(data.names)} {word}" if data.names and word else word or "numbers"


def tables(runs: Iterable[Summary]) -> dict[tuple[tuple[str, str], ...], list[Summary]]:
    """The runs by what they were measured on, in the order of the first of each."""
    found: dict[tuple[tuple[str, str], ...], list[Summary]] = {}
    for run in runs:
        found.setdefault(tuple(measured_on(run).items()), []).append(run)
    return found


def told_apart(measured: Sequence[Measured]) -> list[Measured]:
    """The few names that tell the tables from each other, with the values of each table."""
    kept: list[str] = []
    for name in dict.fromkeys(name for one in measured for name in one):
        if _kinds(measured, [*kept, name]) > _kinds(measured, kept):
            kept.append(name)
    return [{name: one.get(name, "-") for name in kept} for one in measured]


def _kinds(measured: Sequence[Measured], names: Sequence[str]) -> int:
    return len({tuple(one.get(name) for name in names) for one in measured})
