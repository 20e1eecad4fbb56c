"""Analyses of a sweep: stages, trials without a result, importance of keys, sorting."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ....errors import Problem, UsageError
from ....registry import close_key, inline
from ....search.importance import FEWEST, importance
from ....search.ledger import Trial
from ....search.ranges import Range
from ....search.spec import Spec
from ....search.stages import Stage
from ..points import narrowed, why
from .view import SweepView

SORTS = ("value", "number", "stage", "seconds")
"""What the ranking may be sorted by, beside the searched addresses."""
NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:e[-+]?\d+)?", re.IGNORECASE)
LONGEST_REASON = 300  # characters of a reason


@dataclass(frozen=True)
class StageResult:
    """One stage of a sweep."""

    stage: Stage
    planned: int
    done: int
    begun: bool
    """Whether it has trials."""
    best: float | None
    """The best value; None if no trial is done."""
    why: str
    """The trials of the stage before that it was made from."""
    changes: dict[str, tuple[Range, Range]]
    """Address -> (range before, range now)."""

    def json(self) -> dict[str, Any]:
        """The JSON face."""
        keys = {
            "stage": self.stage.number,
            "epochs": self.stage.epochs,
            "zoom": self.stage.zoom,
            "keep": self.stage.keep,
        }
        changed = {
            address: {"from": old.plain(), "to": new.plain()} for address, (old, new) in self.changes.items()
        }
        return {
            **keys,
            "trials": self.planned,
            "done": self.done,
            "best": self.best,
            "why": self.why,
            "narrowed": changed,
        }


def stage_results(view: SweepView) -> list[StageResult]:
    """Every stage of the plan, also those that have not begun."""
    return [] if view.spec is None else [_stage_result(view, view.spec, stage) for stage in view.spec.stages]


def _stage_result(view: SweepView, spec: Spec, stage: Stage) -> StageResult:
    trials = [trial for trial in view.trials if trial.stage == stage.number]
    values = [trial.value for trial in trials if trial.state == "done" and trial.value is not None]
    best = None if not values else max(values) if view.better == "max" else min(values)
    if not trials or not stage.number:
        return StageResult(stage, len(trials) or stage.trials, len(values), bool(trials), best, "", {})
    changed = narrowed(spec, stage, view.ledger, view.better)
    changes = {view.space[key].address: pair for key, pair in changed.items()}
    return StageResult(
        stage, len(trials), len(values), True, best, why(stage, view.ledger, view.better), changes
    )


@dataclass(frozen=True)
class Lost:
    """Trials that ended in the same way without a result."""

    state: str
    status: str
    """pruned, diverged, out_of_memory, ..."""
    reason: str
    """That of the first trial."""
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
    """Trials without a result, grouped by how they ended, the largest group first.

    Reasons that differ in their numbers alone (an epoch, a step) are the same.
    """
    found: dict[tuple[str, str, str], list[Trial]] = {}
    for trial in trials:
        if trial.state in ("pruned", "failed"):
            status = trial.status or trial.state
            found.setdefault((trial.state, status, NUMBER.sub("#", trial.reason)), []).append(trial)
    groups = [
        Lost(state, status, _short(members[0].reason), tuple(t.number for t in members))
        for (state, status, _), members in found.items()
    ]
    return sorted(groups, key=lambda lost: -len(lost.trials))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}..."


def weighted_values(view: SweepView) -> tuple[dict[str, float], str]:
    """(address -> share of the spread, what that is based on or why it is unknown).

    Only trials of the first stage count: only they were drawn from the whole space.
    """
    if view.spec is not None and view.spec.cases:
        return {}, "cases are compared, not weighed"
    results = [
        (trial.point, trial.value)
        for trial in view.trials
        if trial.stage == 0 and trial.state == "done" and trial.value is not None
    ]
    of_stage = " of the first stage" if view.spec is not None and len(view.spec.stages) > 1 else ""
    if len(results) < FEWEST:
        return {}, f"too few trials to say: {len(results)} results{of_stage}, {FEWEST} are needed"
    try:
        shares = importance(view.space, results, view.better)
    except (ValueError, RuntimeError, ZeroDivisionError, IndexError) as error:  # raised by optuna
        return {}, f"cannot be judged: {error}"
    if not shares:
        return {}, "all results are the same" if len(
            {value for _, value in results}
        ) == 1 else "no value is in every trial"
    left = [d.address for d in view.space.dimensions if d.key not in shares]
    beside = f"; not in every trial: {', '.join(dict.fromkeys(left))}" if left else ""
    return {
        view.space[key].address: share for key, share in shares.items()
    }, f"PED-ANOVA on {len(results)} trials{of_stage}{beside}"


def sort_trials(
    ranked: Sequence[Trial], sort: str, shown: Callable[[Trial], Mapping[str, Any]], addresses: Sequence[str]
) -> list[Trial]:
    """The trials, given best first, sorted by a key; `-KEY` reverses.

    shown: address -> value of a trial.

    An address may be cut to its last keys. Trials without the value come last. Raises `UsageError` for a key
    that no trial has.
    """
    key, back = sort.removeprefix("-"), sort.startswith("-")
    full = [address for address in addresses if address == key or address.endswith(f".{key}")]
    if key not in SORTS and not full:
        known = [*SORTS, *addresses]
        close = close_key(key, [*known, *(address.rpartition(".")[2] for address in addresses)])
        fix = f"did you mean {close}?" if close else ""
        raise UsageError(
            Problem(f"--sort {sort}", f"expected one of {', '.join(known)}", fix, code="unknown_key")
        )
    if key == "value":
        return list(ranked)[::-1] if back else list(ranked)
    values = {
        trial.number: getattr(trial, key) if key in SORTS else shown(trial).get(full[0]) for trial in ranked
    }
    there = [trial for trial in ranked if values[trial.number] is not None]
    there.sort(key=lambda trial: _sort_key(values[trial.number]), reverse=back)
    return [*there, *(trial for trial in ranked if values[trial.number] is None)]


def _sort_key(value: Any) -> tuple[bool, float, str]:
    """Numbers by size, then everything else by its text."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return (False, float(value), "") if number else (True, 0.0, inline(value))
