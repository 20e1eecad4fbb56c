"""One run in short, as tables show it: read from meta.json and metrics.jsonl, never failing on damage."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from .find import made_at
from .json_values import number
from .reader import is_sweep
from .run_record import DataRecord, Row, RunRecord, best_row, mapping, moment, read_record
from .status import RunStatus


@dataclass(frozen=True)
class Summary:
    """A run as the tables show it."""

    path: Path
    """The run folder."""
    status: RunStatus
    """How the run stands; `damaged` if there is a `problem`."""
    name: str
    """The name of the experiment."""
    created: float
    """When the run was made, in POSIX seconds."""
    order: float = 0.0
    """The same, but after all runs that were made before; another one only if the clock was set back."""
    seed: int | None = None
    """The seed."""
    tags: tuple[str, ...] = ()
    """The tags."""
    config: Row = field(default_factory=dict)
    """The resolved config, flat."""
    monitor: str | None = None
    """The metric that decides which epoch is the best."""
    better: str = "max"
    """Whether `max` or `min` of the monitor is best."""
    best: Row = field(default_factory=dict)
    """{epoch, metrics} of the best epoch; {} if there is none."""
    last: Row = field(default_factory=dict)
    """{epoch, metrics} of the last epoch; {} if there is none."""
    seconds: float | None = None
    """Seconds of training."""
    parameters: int | None = None
    """The number of all parameters of the net."""
    sources: tuple[str, ...] = ()
    """The files that the config was read from."""
    folder: str = "."
    """The working folder of the command that started the run."""
    history: Sequence[Row] = field(default_factory=list, repr=False)
    """The rows of metrics.jsonl; empty if they were not asked for."""
    problem: str | None = None
    """Why the run is left out of every comparison."""
    sweep: bool = False
    """Whether it is a sweep, with runs of its own."""
    record: RunRecord | None = field(default=None, repr=False, compare=False)
    """The run folder that it was read from; None if the run is damaged."""

    @property
    def finished(self) -> bool:
        """Whether the run came to its own end and so is a sample of what its config gives."""
        return self.status.good and self.problem is None

    @property
    def metrics(self) -> Row:
        """All measures at the monitor's best epoch."""
        return mapping(self.best.get("metrics"))

    @property
    def seconds_per_epoch(self) -> float | None:
        """The median of the epochs' durations: one slow epoch (the first, a busy machine) does not count."""
        ends = [number(row.get("seconds")) for row in self.history]
        whole = [0.0, *(end for end in ends if end is not None)]
        return statistics.median(b - a for a, b in pairwise(whole)) if len(whole) > 1 else None

    @property
    def data(self) -> DataRecord:
        """What data.json says of the data; it is read when it is first asked for."""
        return DataRecord() if self.record is None else self.record.data

    def measure(self, key: str) -> float | None:
        """A metric at the best epoch, None where it is missing or not finite."""
        return number(self.metrics.get(key))


def summarize(path: Path, rows: bool = True) -> Summary:
    """A run in short.

    rows: read metrics.jsonl too, which finds more damage; of a run without an end it is always read.
    """
    record = read_record(with_name(path))
    if record.meta_problem is not None:
        return _damaged(record, record.meta_problem)
    history = record.metrics if rows or record.status.unended else []
    run = _summary(record, history)
    problem = (_lost_rows(record) or _contradiction(run)) if rows else None
    if problem is None:
        return run
    return replace(run, status=RunStatus.DAMAGED, best=record.best, last=record.last, problem=problem)


def with_name(path: Path) -> Path:
    """The path with the folder's own name at its end: `.` and `runs/x/..` say nothing."""
    return path if path.name not in ("", "..") else path.resolve()


def _summary(record: RunRecord, history: Sequence[Row]) -> Summary:
    better = record.better or "max"
    best, last = record.best, record.last
    if record.status.unended:
        best = moment(best_row(history, record.monitor, better))
        last = moment(history[-1] if history else {})
    return Summary(
        path=record.path,
        status=record.status,
        name=record.experiment,
        created=made_at(record.path, record.created),
        order=made_at(record.path, record.order or record.created),
        seed=record.seed,
        tags=record.tags,
        config=record.config,
        monitor=record.monitor,
        better=better,
        best=best,
        last=last,
        seconds=record.seconds,
        sources=tuple(source.path for source in record.sources),
        folder=record.folder or ".",
        parameters=record.parameters,
        history=history,
        sweep=is_sweep(record.path),
        record=record,
    )


def _damaged(record: RunRecord, problem: str) -> Summary:
    """A run of whose meta.json nothing is believed but the time at which it was made."""
    return Summary(
        path=record.path,
        status=RunStatus.DAMAGED,
        name=record.short_name,
        created=made_at(record.path, record.created),
        order=made_at(record.path, record.order or record.created),
        problem=problem,
        sweep=is_sweep(record.path),
    )


def _lost_rows(record: RunRecord) -> str | None:
    """Why metrics.jsonl cannot be used.

    A last line that is cut is no damage in a run of which no process wrote an end.
    """
    found = next((words for words in record.problems if words.startswith("metrics.jsonl")), None)
    if found is None or (record.status.unended and "last line is cut" in found):
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
