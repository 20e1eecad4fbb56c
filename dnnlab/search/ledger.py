"""The ledger of a sweep: every planned trial is done, pruned, failed or pending."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .space import Point

ENDS = ("done", "pruned", "failed")
Event = Mapping[str, Any]


@dataclass
class Trial:
    """One point of one stage."""

    number: int
    """The number in the sweep."""
    stage: int
    """The number of the stage."""
    point: Point
    """The point."""
    seeds: tuple[int, ...]
    """The seeds that are averaged."""
    state: str = "pending"
    """pending, running, done, pruned or failed."""
    values: dict[int, float] = field(default_factory=dict)
    """Seed -> result."""
    runs: dict[int, str] = field(default_factory=dict)
    """Seed -> folder in `trials/`."""
    tries: dict[int, int] = field(default_factory=dict)
    """Seed -> how often its run was started."""
    deaths: dict[int, int] = field(default_factory=dict)
    """Seed -> how many processes died while they trained it."""
    status: str = ""
    """The status of the run that decided the state."""
    reason: str = ""
    """The reason for the state, as text."""
    seconds: float = 0.0
    """The time of all its runs."""

    @property
    def value(self) -> float | None:
        """The mean over the seeds; None until all have a result."""
        return sum(self.values.values()) / len(self.seeds) if len(self.values) == len(self.seeds) else None

    def missing(self) -> list[int]:
        """The seeds that have no result yet."""
        return [seed for seed in self.seeds if seed not in self.values]


@dataclass
class Ledger:
    """The state of a sweep: the sum of the events in ledger.jsonl.

    - `{event: planned, trial, stage, point, seeds}`: a trial.
    - `{event: started, trial, seed, run}`: a run of it.
    - `{event: result, trial, seed, value, status, seconds}`: its result; the last seed makes the trial done.
    - `{event: pruned|failed, trial, seed, status, reason}`: the end of the trial.
    - `{event: retry, trial, seed, reason}`: the process died, and the run is resumed.
    - `{event: again, trial}`: a failed trial is pending again.
    - `{event: stage, stage, ...}`: a stage begins.
    - `{event: raised, trials}`: the sweep has more trials.
    - `{event: note, ...}` and unknown events are skipped.
    """

    trials: dict[int, Trial] = field(default_factory=dict)
    """Number -> trial."""
    stages: list[Event] = field(default_factory=list)
    """The events of the stages that began."""
    raised: int | None = None
    """The number of trials, if it was raised."""

    @classmethod
    def read(cls, events: Iterable[Event]) -> Ledger:
        """The ledger after these events."""
        ledger = cls()
        for event in events:
            ledger.add(event)
        return ledger

    def add(self, event: Event) -> None:
        """Add one event. Raises `ValueError` for an event of a trial that is not planned, or is over."""
        kind = event["event"]
        if kind == "planned":
            number = event["trial"]
            if number in self.trials:
                raise ValueError(f"trial {number} is planned twice")
            self.trials[number] = Trial(number, event["stage"], dict(event["point"]), tuple(event["seeds"]))
        elif kind == "stage":
            self.stages.append(event)
        elif kind == "raised":
            self.raised = event["trials"]
        elif kind == "again":
            trial = self.trials[event["trial"]]
            trial.state, trial.status, trial.reason, trial.deaths = "pending", "", "", {}
        elif kind in ("started", "result", "retry", *ENDS):
            self._of_trial(kind, event)

    def counts(self) -> dict[str, int]:
        """`{planned, done, pruned, failed, pending}`; running trials are pending."""
        states = [trial.state for trial in self.trials.values()]
        ended = {state: states.count(state) for state in ENDS}
        return {"planned": len(states), **ended, "pending": len(states) - sum(ended.values())}

    def pending(self) -> list[Trial]:
        """Trials that have no end yet, in the order of their numbers."""
        return [trial for _, trial in sorted(self.trials.items()) if trial.state not in ENDS]

    def of_stage(self, stage: int) -> list[Trial]:
        """The trials of one stage, in the order of their numbers."""
        return [trial for _, trial in sorted(self.trials.items()) if trial.stage == stage]

    def results(self, stage: int | None = None) -> list[tuple[Point, float]]:
        """(point, value) of the trials that are done, in the order of their numbers."""
        trials = [trial for _, trial in sorted(self.trials.items()) if stage in (None, trial.stage)]
        return [
            (trial.point, trial.value)
            for trial in trials
            if trial.state == "done" and trial.value is not None
        ]

    def _of_trial(self, kind: str, event: Event) -> None:
        trial = self.trials.get(event["trial"])
        if trial is None or trial.state in ENDS:
            raise ValueError(
                f"{kind} of trial {event['trial']}, which is {'over' if trial else 'not planned'}"
            )
        seed = event.get("seed", trial.seeds[0])
        if kind == "started":
            trial.state, trial.runs[seed] = "running", event["run"]
            trial.tries[seed] = trial.tries.get(seed, 0) + 1
            return
        if kind == "retry":
            trial.deaths[seed] = trial.deaths.get(seed, 0) + 1
            return
        trial.status, trial.reason = event.get("status", kind), event.get("reason", "")
        trial.seconds += event.get("seconds", 0.0)
        if kind == "result":
            trial.values[seed] = event["value"]
            trial.state = "done" if not trial.missing() else "running"
        else:
            trial.state = kind
