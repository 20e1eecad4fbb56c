"""The ledger: what was planned and what became of it. planned = done + pruned + failed + pending, at every moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .space import Point

ENDS = ("done", "pruned", "failed")
Event = Mapping[str, Any]


@dataclass
class Trial:
    """One point of one stage. state: pending, running, done, pruned or failed. values: seed -> result. tries: seed -> times started.

    runs: seed -> folder in `trials/`. deaths: seed -> processes that died training it. status: what the run
    that decided it ended with; reason: in words.
    """

    number: int
    stage: int
    point: Point
    seeds: tuple[int, ...]
    state: str = "pending"
    values: dict[int, float] = field(default_factory=dict)
    runs: dict[int, str] = field(default_factory=dict)
    tries: dict[int, int] = field(default_factory=dict)
    deaths: dict[int, int] = field(default_factory=dict)
    status: str = ""
    reason: str = ""
    seconds: float = 0.0

    @property
    def value(self) -> float | None:
        """The mean over the seeds, once all are there."""
        return sum(self.values.values()) / len(self.seeds) if len(self.values) == len(self.seeds) else None

    def missing(self) -> list[int]:
        """The seeds that have no result yet."""
        return [seed for seed in self.seeds if seed not in self.values]


@dataclass
class Ledger:
    """The state that the events of ledger.jsonl add up to.

    Events: `{event: planned, trial, stage, point, seeds}`, `{event: started, trial, seed, run}`, `{event:
    result, trial, seed, value, status, seconds}` (one seed is through; the trial is done with its last),
    `{event: pruned|failed, trial, seed, status, reason}`, `{event: retry, trial, seed, reason}` (its process
    died, it goes on), `{event: again, trial}` (one that failed is pending once more), `{event: stage, stage,
    ...}` (a stage begins), `{event: raised, trials}` (more of them) and `{event: note, ...}`. Unknown events
    are skipped.
    """

    trials: dict[int, Trial] = field(default_factory=dict)
    stages: list[Event] = field(default_factory=list)
    raised: int | None = None

    @classmethod
    def read(cls, events: Iterable[Event]) -> Ledger:
        """The ledger after these events."""
        ledger = cls()
        for event in events:
            ledger.add(event)
        return ledger

    def add(self, event: Event) -> None:
        """Take one event in.

        Raises `ValueError` for an event of a trial that was never planned, or is over.
        """
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
