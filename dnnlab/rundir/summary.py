"""One run in short, as the commands that look see it: read from meta.json and metrics.jsonl, never failing on damage."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from . import RunView, is_sweep, read_run
from .names import RUN_NAME
from .status import RunStatus

_TYPES: dict[str, tuple[type, str]] = {
    "config": (dict, "a mapping"),
    "best": (dict, "a mapping"),
    "last": (dict, "a mapping"),
    "tags": (list, "a list"),
    "name": (str, "a text"),
    "monitor": (str, "a text"),
    "better": (str, "a text"),
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Summary:
    """A run as the tables show it.

    created: POSIX seconds. config: the resolved config, flat. best, last: {epoch, metrics}, {} where there is
    none. seconds: of training. sources: the files it was read from. folder: the shell's folder when it was
    started. history: the rows of metrics.jsonl, empty where they were not asked for. problem: why the run is
    left out of every comparison. sweep: whether it is a sweep, with runs of its own.
    """

    path: Path
    status: RunStatus
    name: str
    created: float
    seed: int | None = None
    tags: tuple[str, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    monitor: str | None = None
    better: str = "max"
    best: Row = field(default_factory=dict)
    last: Row = field(default_factory=dict)
    seconds: float | None = None
    parameters: int | None = None
    sources: tuple[str, ...] = ()
    folder: str = "."
    history: list[Row] = field(default_factory=list, repr=False)
    problem: str | None = None
    sweep: bool = False

    @property
    def finished(self) -> bool:
        """Whether the run came to its own end and so is a sample of what its config gives."""
        return self.status.good and self.problem is None

    @property
    def metrics(self) -> Row:
        """All measures at the monitor's best epoch."""
        found = self.best.get("metrics")
        return found if isinstance(found, dict) else {}

    @property
    def seconds_per_epoch(self) -> float | None:
        """The median of the epochs' durations: one slow epoch (the first, a busy machine) does not count."""
        ends = [number(row.get("seconds")) for row in self.history]
        whole = [0.0, *(end for end in ends if end is not None)]
        return statistics.median(b - a for a, b in pairwise(whole)) if len(whole) > 1 else None

    def measure(self, key: str) -> float | None:
        """A metric at the best epoch, None where it is missing or not finite."""
        return number(self.metrics.get(key))


def summarize(path: Path, rows: bool = True) -> Summary:
    """Read a run. rows: metrics.jsonl too, which finds more damage; of runs without an end it is always read."""
    view = read_run(with_name(path))
    problem = _damage(view)
    meta: Row = {} if problem else view.meta
    history = view.rows("metrics.jsonl") if not problem and (rows or view.status.unended) else []
    run = _summary(view, meta, history, problem)
    if problem is None and rows:
        problem = _lost_rows(view, run) or _contradiction(run)
    return run if problem is None else _summary(view, meta, history, problem)


def with_name(path: Path) -> Path:
    """The path with the folder's own name at its end: `.` and `runs/x/..` say nothing."""
    return path if path.name not in ("", "..") else path.resolve()


def number(value: Any) -> float | None:
    """A finite number as a float; None for everything else that a damaged file may hold there."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def best_row(history: list[Row], monitor: str | None, better: str) -> Row:
    """The first row in which the monitor was best, as training chooses it; {} where it was never measured."""
    measured = [(value, row) for row in history if (value := number(row.get(monitor or ""))) is not None]
    if not measured:
        return {}
    extreme = (max if better == "max" else min)(value for value, _ in measured)
    return next(row for value, row in measured if value == extreme)


def _summary(view: RunView, meta: Row, history: list[Row], problem: str | None) -> Summary:
    config, monitor, better = meta.get("config", {}), meta.get("monitor"), meta.get("better", "max")
    best, last = meta.get("best", {}), meta.get("last", {})
    if view.status.unended and problem is None:
        best, last = _moment(best_row(history, monitor, better)), _moment(history[-1] if history else {})
    counted = meta.get("parameters")
    seed = meta.get("seed")
    return Summary(
        path=view.path,
        status=view.status if problem is None else RunStatus.DAMAGED,
        name=meta.get("name") or (view.name[16:-7] if RUN_NAME.fullmatch(view.name) else view.name),
        created=_created(view),
        seed=seed if isinstance(seed, int) else None,
        tags=tuple(tag for tag in _list(meta, "tags") if isinstance(tag, str)),
        config=config,
        monitor=monitor,
        better=better,
        best=best,
        last=last,
        seconds=number(meta.get("seconds"))
        if "seconds" in meta
        else number(history[-1].get("seconds"))
        if history
        else None,
        sources=tuple(
            item["path"]
            for item in _list(meta, "sources")
            if isinstance(item, dict) and isinstance(item.get("path"), str)
        ),
        folder=folder if isinstance(folder := meta.get("folder"), str) else ".",
        parameters=counted.get("total")
        if isinstance(counted, dict) and isinstance(counted.get("total"), int)
        else None,
        history=history,
        problem=problem,
        sweep=is_sweep(view.path),
    )


def _list(meta: Row, key: str) -> list[Any]:
    found = meta.get(key)
    return found if isinstance(found, list) else []


def _moment(row: Row) -> Row:
    """{epoch, metrics} of a row, in the form of meta.json."""
    beside = ("epoch", "step", "seconds", "samples_per_second", "lr", "nonfinite")
    return (
        {"epoch": row.get("epoch"), "metrics": {k: v for k, v in row.items() if k not in beside}}
        if row
        else {}
    )


def _damage(view: RunView) -> str | None:
    """Why meta.json cannot be used."""
    found = next((words for words in view.problems if words.startswith("meta.json")), None)
    if found is not None and view.meta and "format" not in view.meta:
        return "meta.json is not dnnlab's (it has no format)"
    if found is not None or not view.meta:
        return found or next(iter(view.problems), "meta.json is empty")
    for key, (kind, words) in _TYPES.items():
        if (
            key in view.meta
            and not isinstance(view.meta[key], kind)
            and not (key == "monitor" and view.meta[key] is None)
        ):
            return f"meta.json is damaged: {key} is not {words}"
    if any(not isinstance(view.meta.get(key, {}).get("metrics", {}), dict) for key in ("best", "last")):
        return "meta.json is damaged: metrics is not a mapping"
    return None


def _lost_rows(view: RunView, run: Summary) -> str | None:
    """Why metrics.jsonl cannot be used.

    A last line that is cut is no damage where nobody said that the run had ended.
    """
    found = next((words for words in view.problems if words.startswith("metrics.jsonl")), None)
    if found is None or (run.status.unended and "last line is cut" in found):
        return None
    return found.split(";")[0]


def _contradiction(run: Summary) -> str | None:
    """What meta.json and metrics.jsonl say differently: one of them has lost or changed something."""
    if run.status.unended:
        return None
    rows = {epoch: row for row in run.history if isinstance(epoch := row.get("epoch"), int)}
    end = run.last.get("epoch")
    if run.status.rows_complete and end != (run.history[-1].get("epoch") if run.history else None):
        return f"metrics.jsonl ends with epoch {max(rows, default=0)}, meta.json with {end}"
    epoch = run.best.get("epoch")
    if epoch is None:
        return None
    if not isinstance(epoch, int) or epoch not in rows:
        return f"metrics.jsonl has no row for the best epoch that meta.json names ({epoch})"
    for key, value in run.metrics.items():
        if value is not None and rows[epoch].get(key) != value:
            return f"meta.json and metrics.jsonl disagree about {key} at epoch {epoch}"
    return None


def _created(view: RunView) -> float:
    """When the run was made: as meta.json says, else as its name says, else the folder's own time."""
    match = RUN_NAME.fullmatch(view.name)
    try:
        return datetime.fromisoformat(str(view.meta.get("created"))).timestamp()
    except (ValueError, OverflowError, OSError):
        pass  # damaged: the next best source
    try:
        return (
            datetime.strptime(match[1], "%Y%m%d-%H%M%S").timestamp() if match else view.path.stat().st_mtime
        )
    except (ValueError, OverflowError, OSError):
        return 0.0
