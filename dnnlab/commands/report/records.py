"""A run as its page shows it: curves of its record files, up to where they are damaged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...report.charts import thin
from ...rundir.json_values import number
from ...rundir.record_files import RECORD_FILES
from ...rundir.rows import Rows
from ...rundir.run_record import Row, RunRecord, mapping, read_record, whole
from ...rundir.summary import Summary, summarize

MOST_DRAWN = 8_000
"""Points of a curve over so many rows that they are kept as columns: many for each pixel."""

Curve = tuple[list[float], list[float | None]]


@dataclass(frozen=True)
class Records:
    """A run and the curves of its record files. A kind is a field of `RECORD_FILES`."""

    run: RunRecord
    """The run folder."""
    summary: Summary
    """The run in short."""

    @property
    def steps_per_epoch(self) -> float | None:
        """Steps in an epoch, by the first row of metrics.jsonl; None before the first epoch has ended."""
        for row in self.run.metrics:
            epoch, step = number(row.get("epoch")), number(row.get("step"))
            if epoch and step:
                return step / epoch
        return None

    @property
    def unit(self) -> str:
        """What curves over steps are drawn over: epochs, if their length is known."""
        return "step" if self.steps_per_epoch is None else "epoch"

    @property
    def problems(self) -> list[str]:
        """What is damaged, in words."""
        return list(
            dict.fromkeys([*([self.summary.problem] if self.summary.problem else []), *self.run.problems])
        )

    def curve(self, kind: str, key: str, inside: str = "") -> Curve:
        """(places, values) of a number in all rows that hold it; None if it was not finite.

        inside: the key of the mapping that holds the number, by default that of the kind.
        """
        inside = inside or RECORD_FILES[kind].inside
        if isinstance(rows := self.run.rows(kind), Rows) and not inside:
            return self._long_curve(kind, rows, key)
        x: list[float] = []
        y: list[float | None] = []
        for row in self.run.rows(kind):
            holder = row.get(inside) if inside else row
            place = self.place(row) if kind != "metrics" else number(row.get("epoch"))
            if place is not None and isinstance(holder, dict) and key in holder:
                x.append(place)
                y.append(number(holder[key]))
        return x, y

    def _long_curve(self, kind: str, rows: Rows, key: str) -> Curve:
        """The same of very many rows: the lowest and the highest value of each stretch."""
        over, each = ("epoch", 1.0) if kind == "metrics" else ("step", self.steps_per_epoch or 1.0)
        known = [
            (at / each, value)
            for at, value in zip(rows.numbers(over), rows.numbers(key), strict=True)
            if at is not None
        ]
        x, y = thin([at for at, _ in known], [value for _, value in known], MOST_DRAWN)
        return (x, y) if any(value is not None for value in y) else ([], [])

    def place(self, row: Row) -> float | None:
        """Where a row of a step lies on the axis: its epoch with decimals."""
        step = number(row.get("step"))
        return None if step is None else step / (self.steps_per_epoch or 1.0)

    def layer_curve(self, kind: str, layer: str, key: str) -> Curve:
        """(places, values) of a number of one layer, of a kind that has several numbers a layer."""
        x: list[float] = []
        y: list[float | None] = []
        for row in self.run.rows(kind):
            item, place = mapping(row.get(RECORD_FILES[kind].inside)).get(layer), self.place(row)
            if place is not None and isinstance(item, dict):
                x.append(place)
                y.append(number(item.get(key)))
        return x, y

    def last_of_layer(self, kind: str, layer: str) -> Row:
        """The numbers of a layer in the last row that has them; {} if no row has."""
        found = (row.get(layer) for row in reversed(self.run.layer_rows(kind)))
        return next((item for item in found if isinstance(item, dict)), {})

    def names(self, kind: str, inside: str = "") -> list[str]:
        """The keys of the mapping `inside`, by default that of the kind, over all rows, in their order."""
        inside = inside or RECORD_FILES[kind].inside
        found = (row.get(inside) for row in self.run.rows(kind))
        return list(dict.fromkeys(str(name) for held in found for name in mapping(held)))

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
