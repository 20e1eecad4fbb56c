"""The progress of a sweep: runs that workers have, trials per minute, time left, the best trial so far."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from ....search.ledger import ENDS, Ledger, Trial
from ....search.spec import Spec
from ..events import Moment

BEAT = 0.1  # seconds between two reports


@dataclass
class AssignedRun:
    """A run that was given to a worker."""

    trial: Trial
    seed: int
    began: float | None = None
    """The monotonic clock at its start; None before."""
    epoch: int = 0
    """The last one that the worker reported."""
    asked: str = ""
    """Why the run was asked to end: timeout or cancelled."""
    asked_at: float = 0.0

    @property
    def wanted(self) -> bool:
        """Whether the result still matters: another seed of the trial may have decided it."""
        return self.trial.state not in ENDS


@dataclass
class Progress:
    """The progress of a sweep, as far as this process has seen it."""

    spec: Spec
    direction: str
    epochs: int
    """Those of the base config."""
    best: tuple[int, float] | None = None
    """(trial, value) of the current stage."""
    began: float | None = None
    trials_ended: int = 0
    epochs_ended: int = 0
    reported_at: float = 0.0

    def begin_stage(self, trials: Collection[Trial]) -> None:
        """The best so far is the best of this stage: others trained for other times."""
        self.best = None
        for trial in trials:
            self.over(trial)

    def over(self, trial: Trial) -> bool:
        """Take a trial in; whether none before it in this stage was better."""
        value = trial.value if trial.state == "done" else None
        if value is None or (self.best is not None and not self._better(value, self.best[1])):
            return False
        self.best = trial.number, value
        return True

    def due(self) -> bool:
        """Whether the next report is due."""
        if time.monotonic() - self.reported_at < BEAT:
            return False
        self.reported_at = time.monotonic()
        return True

    def moment(self, ledger: Ledger, jobs: Collection[AssignedRun]) -> Moment:
        """The progress now."""
        counts = ledger.counts()
        seconds = 0.0 if self.began is None else max(time.monotonic() - self.began, 1e-9)
        rate = 60 * self.trials_ended / seconds if self.trials_ended else None
        running = sum(job.began is not None for job in jobs)
        planned = max(self.spec.trials, counts["planned"])
        left = self._left(ledger, jobs, seconds)
        return Moment(
            planned, running, counts["done"], counts["pruned"], counts["failed"], self.best, rate, left
        )

    def _better(self, value: float, other: float) -> bool:
        return value > other if self.direction == "max" else value < other

    def _left(self, ledger: Ledger, jobs: Collection[AssignedRun], seconds: float) -> float | None:
        """Seconds until the end, if epochs go on taking what they took."""
        running = sum(job.epoch for job in jobs)
        done = self.epochs_ended + running
        if not done or seconds < 1.0:
            return None
        spec = self.spec
        epochs = [stage.epochs or self.epochs for stage in spec.stages]
        total = sum(stage.trials * spec.seeds * epochs[stage.number] for stage in spec.stages)
        over = sum(
            (len(t.seeds) if t.state in ENDS else len(t.values)) * epochs[t.stage]
            for t in ledger.trials.values()
        )
        return max(0.0, (total - over - running) * seconds / done)
