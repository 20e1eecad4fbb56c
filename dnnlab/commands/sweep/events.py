"""What a sweep tells its listener, from the first line of the screen to the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Begun:
    """The folder is made. searched: address -> its range in words. stages: trials of each. resumed: counts of the ledger that is taken up.

    notes: what the user should know.
    """

    path: Path
    name: str
    base: str
    searched: Mapping[str, str]
    sampler: str
    stages: tuple[int, ...]
    seeds: int
    workers: int
    monitor: str
    better: str
    pruner: str | None = None
    resumed: Mapping[str, int] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageBegun:
    """A stage begins. narrowed: address -> (range before, range now), in words. why: what the stage was made from."""

    stage: int
    of: int
    trials: int
    epochs: int
    why: str
    narrowed: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Moment:
    """How things stand. planned: of all stages. best: (trial, value). rate: trials a minute; left: seconds, None while nobody knows."""

    planned: int
    running: int
    done: int
    pruned: int
    failed: int
    best: tuple[int, float] | None
    rate: float | None
    left: float | None


@dataclass(frozen=True)
class TrialOver:
    """A trial is done, pruned or failed. value: its mean over the seeds. best: whether none before was better."""

    trial: int
    stage: int
    state: str
    status: str
    value: float | None
    best: bool
    shown: Mapping[str, Any]
    seconds: float
    reason: str


@dataclass(frozen=True)
class Over:
    """The sweep is over, or was asked to end. status: done, failed, interrupted or terminated. reason: in words, "" for done.

    counts: of the ledger. seconds: of this process. rate: trials a minute, None where none ended.
    """

    path: Path
    status: str
    reason: str
    counts: Mapping[str, int]
    seconds: float
    rate: float | None = None

    @property
    def exit_code(self) -> int:
        """0 where the ledger is complete and a trial succeeded."""
        if self.status in ("interrupted", "terminated"):
            return {"interrupted": 130, "terminated": 143}[self.status]
        return 0 if self.status == "done" and self.counts["done"] else 1
