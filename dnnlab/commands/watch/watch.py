"""Watch a run: read it repeatedly and update its verdicts when it changes.

Nothing is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ...diagnose import Diagnosis
from ...registry import PartFacts
from ...rundir import GrowingView, digits
from ...rundir.json_values import number
from ...rundir.run_record import RunRecord, best_row, moment
from ..doctor.doctor import examined
from .pace import progress_of
from .snapshot import SHOWN, Snapshot, curves_of, layers_of, records_off

SECONDS_BETWEEN_LOOKS = 1.0
JUDGING_SHARE = 0.05  # of the watcher's time: rules read all rows, and a long run has many


class Watch:
    """One run being watched. called: RUN for the commands that are proposed, by default its six digits."""

    def __init__(self, path: Path, called: str = "") -> None:
        self.view = GrowingView(path)
        self.called = called or digits(path.name)
        self._sizes: Mapping[str, int] = {}  # part -> rows
        self._judged: tuple[Diagnosis, float] | None = None  # and until when it is not judged again
        self._seen: tuple[float, int] | None = None  # when a row with a step was first seen, and which step

    @property
    def run(self) -> RunRecord:
        """The run as it stood at the last look."""
        return RunRecord(self.view)

    def snapshot(self) -> Snapshot:
        """The run as it stood at the last look.

        Raises `RunError` if nothing in the folder says what it is.
        """
        view, run = self.view, self.run
        diagnosis = self.diagnosis()
        config, epochs = run.config, run.metrics
        self._sizes = self._sizes or run.data.rows
        monitor = run.monitor or "val_loss"
        better = "max" if run.better == "max" else "min"
        off, late = records_off(run)
        parts = PartFacts(run.plugin_parts)
        stoppers = parts.stoppers(config)
        patience = number(config.get(f"regularizers.{stoppers[0]}.patience")) if stoppers else None
        return Snapshot(
            path=view.path,
            status=view.status,
            reason=run.reason,
            monitor=monitor,
            progress=progress_of(config, self._sizes, epochs, self.last_step(), self.pace(), parts),
            age=None if view.written is None else max(0.0, time.time() - view.written),
            curves=curves_of(run, monitor, better),
            layers=layers_of(run),
            diagnosis=diagnosis,
            patience=None if patience is None else int(patience),
            best=moment(best_row(epochs, monitor, better)),
            last=moment(epochs[-1] if epochs else {}),
            off=off,
            late=late,
            problems=tuple(view.problems),
        )

    def follow(self, wait: Callable[[float], bool]) -> Iterator[Snapshot]:
        """The snapshots of a run until it is over; the last one says how it ended.

        wait: sleeps for so many seconds at most; True asks for the same snapshot again (a screen of another
        size).
        """
        shown = self.snapshot()
        yield shown
        while not shown.over:
            until = time.monotonic() + SECONDS_BETWEEN_LOOKS
            while (left := until - time.monotonic()) > 0:
                if wait(left):
                    yield shown
            written = self.view.written
            shown = (
                self.snapshot()
                if self.view.look()
                else replace(shown, age=None if written is None else max(0.0, time.time() - written))
            )
            yield shown

    def diagnosis(self) -> Diagnosis:
        """The verdicts so far.

        They are computed again if enough time has passed for their cost, and always when the run is over.
        """
        now = time.monotonic()
        if self._judged is None or now >= self._judged[1] or self.view.status.over:
            found = examined(self.run, self.called).diagnosis
            self._judged = (found, time.monotonic() + (time.monotonic() - now) / JUDGING_SHARE)
        return self._judged[0]

    def last_step(self) -> int:
        """The last step that a row tells of."""
        ends = (rows[-1].get("step") for kind in ("steps", *SHOWN) if (rows := self.run.rows(kind)))
        return max((int(step) for end in ends if (step := number(end)) is not None), default=0)

    def pace(self) -> float | None:
        """Seconds a step as seen since the first look; None until the run has gone on since."""
        written, step = self.view.written, self.last_step()
        if written is None:
            return None
        if self._seen is None or step < self._seen[1]:
            self._seen = (written, step)
        began, first = self._seen
        return (written - began) / (step - first) if step > first and written > began else None
