"""What each stage of a sweep did: how many trials, how long, what it narrowed and because of which trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....search.ranges import Range
from ....search.stages import Stage
from ..points import narrowed, why
from .view import SweepView


@dataclass(frozen=True)
class StageTold:
    """One stage. why: the trials of the stage before that it was made from. changes: address -> (range before, range now).

    best: the best value, None where nothing is done yet; begun: whether it has trials.
    """

    stage: Stage
    planned: int
    done: int
    begun: bool
    best: float | None
    why: str
    changes: dict[str, tuple[Range, Range]]

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


def stages_told(view: SweepView) -> list[StageTold]:
    """Every stage of the plan, those that have not begun too."""
    return [] if view.spec is None else [_told(view, stage) for stage in view.spec.stages]


def _told(view: SweepView, stage: Stage) -> StageTold:
    assert view.spec is not None
    trials = [trial for trial in view.trials if trial.stage == stage.number]
    values = [trial.value for trial in trials if trial.state == "done" and trial.value is not None]
    best = None if not values else max(values) if view.better == "max" else min(values)
    if not trials or not stage.number:
        return StageTold(stage, len(trials) or stage.trials, len(values), bool(trials), best, "", {})
    changed = narrowed(view.spec, stage, view.ledger, view.better)
    changes = {view.space[key].address: pair for key, pair in changed.items()}
    return StageTold(
        stage, len(trials), len(values), True, best, why(stage, view.ledger, view.better), changes
    )
