"""The progress of a run, its speed, and the time that it will still take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...registry import PartFacts
from ...rundir.json_values import number
from ...rundir.run_record import Row
from ...steps import steps_per_epoch

REGISTERED = PartFacts()
RECENT = 5  # epochs that the pace is taken from


@dataclass(frozen=True)
class Progress:
    """The progress of a run; None means unknown."""

    epoch: int = 0
    """The number of finished epochs."""
    epochs: int | None = None
    """The number of planned epochs."""
    step: int = 0
    """The last step that a row names."""
    per_epoch: int | None = None
    """The number of steps in an epoch."""
    seconds: float | None = None
    """The seconds of training at the end of the last epoch."""
    left: float | None = None
    """The seconds until the planned end."""
    speed: float | None = None
    """The rows a second."""
    at_most: bool = False
    """Whether the run may end earlier."""

    @property
    def steps(self) -> int | None:
        """Steps of the whole run."""
        return None if self.epochs is None or self.per_epoch is None else self.epochs * self.per_epoch

    def json(self) -> dict[str, Any]:
        """Its part of the JSON face."""
        at = {"epoch": self.epoch, "epochs": self.epochs, "step": self.step, "steps": self.steps}
        return {**at, "seconds": self.seconds, "seconds_left": self.left, "samples_per_second": self.speed}


def progress_of(
    config: Row,
    rows: Mapping[str, Any],
    epochs: Sequence[Row],
    step: int,
    watched: float | None,
    parts: PartFacts = REGISTERED,
) -> Progress:
    """The progress of a run from its rows of metrics.jsonl.

    rows: part -> rows of the data. step: the last step that any file names. watched: the seconds a step that
    the watcher measured, for a run that has finished no epoch; None if unknown.
    """
    done = epochs[-1] if epochs else {}
    planned, per_epoch = _whole(config.get("training.epochs")), per_epoch_of(config, rows, epochs)
    limit = number(config.get("training.max_minutes"))
    found = Progress(
        epoch=_whole(done.get("epoch")) or 0,
        epochs=planned,
        step=max(step, _whole(done.get("step")) or 0),
        per_epoch=per_epoch,
        seconds=number(done.get("seconds")),
        speed=number(done.get("samples_per_second")),
        at_most=limit is not None or bool(parts.stoppers(config)),
    )
    pace = recent_pace(epochs) or watched
    if pace is None or found.steps is None:
        return found
    left = max(0.0, (found.steps - found.step) * pace)
    if limit is not None:
        left = min(left, max(0.0, 60 * limit - (found.seconds or 0.0)))
    return Progress(**{**found.__dict__, "left": left})


def per_epoch_of(config: Row, rows: Mapping[str, Any], epochs: Sequence[Row]) -> int | None:
    """Steps an epoch: as the last finished epoch says, else as the sizes say."""
    for row in reversed(epochs):
        epoch, step = _whole(row.get("epoch")), _whole(row.get("step"))
        if epoch and step:
            return max(1, round(step / epoch))
    train, size = _whole(rows.get("train")), config.get("training.batch_size")
    batch = train if size == "full" else _whole(size)
    if not train or not batch:
        return None
    return steps_per_epoch(train, batch, _whole(config.get("training.accumulate")) or 1)


def recent_pace(epochs: Sequence[Row]) -> float | None:
    """Seconds a step over the last epochs, their measurements included; None before the first is over."""
    known = [
        (step, took)
        for row in epochs[-RECENT - 1 :]
        if (step := _whole(row.get("step"))) and (took := number(row.get("seconds")))
    ]
    if not known:
        return None
    (first, began), (last, ended) = known[0] if len(known) > 1 else (0, 0.0), known[-1]
    return (ended - began) / (last - first) if last > first and ended > began else None


def _whole(value: Any) -> int | None:
    found = number(value)
    return None if found is None else int(found)
