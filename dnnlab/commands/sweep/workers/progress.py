"""How a sweep stands: runs that workers have, trials a minute, time left, the best so far."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from ....search.ledger import ENDS, Ledger, Trial
from ....search.spec import Spec
from ..events import Moment

BEAT = 0.1  # seconds between two looks


@dataclass
class Job:
    """A run that a worker has. began: on the clock; epoch: as far as is known; asked: why it was asked to end (timeout, cancelled)."""

    trial: Trial
    seed: int
    began: float | None = None
    epoch: int = 0
    asked: str = ""
    asked_at: float = 0.0

    @property
    def wanted(self) -> bool:
        """Whether the result still matters: another seed of the trial may have decided it."""
        return self.trial.state not in ENDS


@dataclass
class Progress:
    """What this process has seen. epochs: of the base. best: (trial, value) of the stage that goes on."""

    spec: Spec
    direction: str
    epochs: int
    best: tuple[int, float] | None = None
    began: float | None = None
    trials_ended: int = 0
    epochs_ended: int = 0
    told_at: float = 0.0

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
        """Whether it is time to say again how things stand."""
        if time.monotonic() - self.told_at < BEAT:
            return False
        self.told_at = time.monotonic()
        return True

    def moment(self, ledger: Ledger, jobs: Collection[Job]) -> Moment:
        """How things stand."""
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

    def _left(self, ledger: Ledger, jobs: Collection[Job], seconds: float) -> float | None:
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
