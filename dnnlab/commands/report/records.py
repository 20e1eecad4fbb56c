"""All that a run has written down, read once: up to where it is damaged, and safe against values of other types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...rundir.json_values import number
from ...rundir.record_files import RECORD_FILES
from ...rundir.run_record import Row, RunRecord, read_record, whole
from ...rundir.summary import Summary, summarize

Curve = tuple[list[float], list[float | None]]


@dataclass(frozen=True)
class Records:
    """A run as its page shows it: curves of its record files. A kind is a field of `RECORD_FILES`."""

    run: RunRecord
    """The run folder."""
    summary: Summary
    """The run in short."""

    @property
    def steps_per_epoch(self) -> float | None:
        """Steps in an epoch, as the first row of metrics.jsonl says; None before the first epoch has ended."""
        for row in self.run.metrics:
            epoch, step = number(row.get("epoch")), number(row.get("step"))
            if epoch and step:
                return step / epoch
        return None

    @property
    def unit(self) -> str:
        """What curves over steps are drawn over: epochs, where their length is known."""
        return "step" if self.steps_per_epoch is None else "epoch"

    @property
    def problems(self) -> list[str]:
        """What is damaged, in words."""
        return list(
            dict.fromkeys([*([self.summary.problem] if self.summary.problem else []), *self.run.problems])
        )

    def curve(self, kind: str, key: str, inside: str = "") -> Curve:
        """(places, values) of a key, or of the key `inside` a mapping, in all rows that hold it; None where it was not finite."""
        x: list[float] = []
        y: list[float | None] = []
        for row in self.run.rows(kind):
            holder = row.get(inside) if inside else row
            place = self.place(row) if kind != "metrics" else number(row.get("epoch"))
            if place is not None and isinstance(holder, dict) and key in holder:
                x.append(place)
                y.append(number(holder[key]))
        return x, y

    def place(self, row: Row) -> float | None:
        """Where a row of a step lies on the axis: its epoch with decimals."""
        step = number(row.get("step"))
        return None if step is None else step / (self.steps_per_epoch or 1.0)

    def names(self, kind: str, inside: str) -> list[str]:
        """The keys of a mapping in the rows of a kind, in their order."""
        found = (row.get(inside) for row in self.run.rows(kind))
        return list(
            dict.fromkeys(str(name) for mapping in found if isinstance(mapping, dict) for name in mapping)
        )

    @property
    def span(self) -> tuple[float, float] | None:
        """From the start to the end of the last epoch: what curves over steps are drawn over."""
        ends = [epoch for row in self.run.metrics if (epoch := number(row.get("epoch"))) is not None]
        return (0.0, max(ends)) if ends and self.steps_per_epoch else None

    def best_epoch(self) -> int | None:
        """The epoch in which the monitor was best."""
        return whole(self.summary.best.get("epoch"))


def read_records(path: Path) -> Records:
    """Read a run folder; nothing of it changes."""
    run = read_record(path)
    for kind in RECORD_FILES:
        run.rows(kind)  # all of them now, so that `problems` names every damaged file
    return Records(run, summarize(path))


def within(rows: Sequence[Row], inside: str, key: str) -> list[Row]:
    """The mapping of one key inside each row's mapping, where there is one."""
    found = (row.get(inside) for row in rows)
    return [
        item for mapping in found if isinstance(mapping, dict) and isinstance(item := mapping.get(key), dict)
    ]
