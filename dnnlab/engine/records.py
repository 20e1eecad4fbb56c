"""The records that `fit` yields; its callers write and show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..rundir.status import RunStatus

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One optimizer step is over."""

    step: int
    epoch: int
    in_epoch: int
    rows: dict[str, Row] | None = None
    """File name -> row, on logging steps only."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch is over; weights, averages and counters are those that a checkpoint of this moment holds."""

    epoch: int
    step: int
    row: Row
    """The row of metrics.jsonl."""
    value: float | None
    """The monitor; None if it was not measured."""
    is_best: bool
    since_best: int
    """Epochs since the best one."""
    final: bool = False
    """Whether no epoch follows."""


@dataclass(frozen=True, slots=True)
class End:
    """Training is over."""

    status: RunStatus
    """done, stopped early, interrupted, terminated or pruned."""
    epoch: int
    step: int
    reason: str = ""
    """Why training ended before its last epoch, for the user."""
    best: Row = field(default_factory=dict)
    """{epoch, value, metrics} of the best epoch."""
    last: Row = field(default_factory=dict)
    """{epoch, metrics} of the last epoch."""


Record = Step | Epoch | End
