"""Trials without a result, counted by how they ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ....search.ledger import Trial

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:e[-+]?\d+)?", re.IGNORECASE)
LONGEST = 300  # characters of a reason


@dataclass(frozen=True)
class Lost:
    """Trials that ended alike. status: pruned, diverged, out_of_memory, ...; reason: the first one's, in words."""

    state: str
    status: str
    reason: str
    trials: tuple[int, ...]

    def json(self) -> dict[str, Any]:
        """The JSON face."""
        return {
            "state": self.state,
            "status": self.status,
            "reason": self.reason,
            "trials": list(self.trials),
        }

    def numbers(self, most: int = 6) -> str:
        """`3, 9, 12 and 40 more`."""
        more = len(self.trials) - most
        return ", ".join(str(n) for n in self.trials[:most]) + (f" and {more} more" if more > 0 else "")


def lost_groups(trials: Sequence[Trial]) -> list[Lost]:
    """The commonest first. Reasons that differ in their numbers alone (an epoch, a step) are the same."""
    found: dict[tuple[str, str, str], list[Trial]] = {}
    for trial in trials:
        if trial.state in ("pruned", "failed"):
            status = trial.status or trial.state
            found.setdefault((trial.state, status, _NUMBER.sub("#", trial.reason)), []).append(trial)
    groups = [
        Lost(state, status, _short(members[0].reason), tuple(t.number for t in members))
        for (state, status, _), members in found.items()
    ]
    return sorted(groups, key=lambda lost: -len(lost.trials))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
