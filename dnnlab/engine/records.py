"""What training says of itself: `fit` yields these, somebody else writes and shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One optimizer step is over. `rows`: file name -> row, on logging steps only."""

    step: int
    epoch: int
    in_epoch: int
    rows: dict[str, Row] | None = None


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch is over; weights, averages and counters are those that a checkpoint of this moment holds.

    row: the line of metrics.jsonl. value: the monitor (None where it was not measured). since_best: epochs
    since the best one. final: whether no epoch follows.
    """

    epoch: int
    step: int
    row: Row
    value: float | None
    is_best: bool
    since_best: int
    final: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """Training is over. status: done, stopped_early, interrupted or terminated. best, last: {epoch, metrics}. reason: in words."""

    status: str
    epoch: int
    step: int
    reason: str = ""
    best: Row = field(default_factory=dict)
    last: Row = field(default_factory=dict)


Record = Step | Epoch | End
