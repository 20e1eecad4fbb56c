"""The events of a sweep, from the first line of the screen to the last."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...rundir import RunStatus
from ..train.events import Note


@dataclass(frozen=True)
class Begun:
    """The sweep's folder exists and the first trial is next."""

    path: Path
    name: str
    base: str
    searched: Mapping[str, str]
    """Address -> its range, as text."""
    sampler: str
    stages: tuple[int, ...]
    """The number of trials of each stage."""
    seeds: int
    workers: int
    monitor: str
    better: str
    """max or min."""
    pruner: str | None = None
    resumed: Mapping[str, int] | None = None
    """The counts of the ledger that a resumed sweep continues from; None for a new sweep."""
    notes: tuple[str, ...] = ()
    """Sentences for the user."""


@dataclass(frozen=True)
class StageBegun:
    """A stage begins."""

    stage: int
    of: int
    trials: int
    epochs: int
    why: str
    """Which results the stage was made from."""
    narrowed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Address -> (range before, range now), as text."""


@dataclass(frozen=True)
class Moment:
    """The progress of the whole sweep."""

    planned: int
    """Trials of all stages."""
    running: int
    done: int
    pruned: int
    failed: int
    best: tuple[int, float] | None
    """(trial, value)."""
    rate: float | None
    """Trials per minute; None before the first has ended."""
    left: float | None
    """Seconds until the end; None while they cannot be estimated."""


@dataclass(frozen=True)
class TrialOver:
    """A trial is done, pruned or failed."""

    trial: int
    stage: int
    state: str
    status: str
    value: float | None
    """The mean over the trial's seeds."""
    best: bool
    """Whether no earlier trial was better."""
    shown: Mapping[str, Any]
    seconds: float
    reason: str


@dataclass(frozen=True)
class Over:
    """The sweep is over, or has ended because it was asked to."""

    path: Path
    status: RunStatus
    """done, failed, interrupted or terminated."""
    reason: str
    """As text; "" if the sweep is done."""
    counts: Mapping[str, int]
    """Those of the ledger."""
    seconds: float
    """Of this process."""
    rate: float | None = None
    """Trials per minute; None if none ended."""

    @property
    def exit_code(self) -> int:
        """0 if the ledger is complete and a trial succeeded."""
        if self.status.asked:
            return self.status.exit_code
        return 0 if self.status is RunStatus.DONE and self.counts["done"] else 1


SweepEvent = Begun | StageBegun | Note | Moment | TrialOver | Over
SweepEvents = Generator[SweepEvent, None, None]
