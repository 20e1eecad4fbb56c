"""The findings of a sweep: ranking, best trial, borders, importance, stages, trials without a result."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ....errors import DnnlabError
from ....registry import inline
from ....rundir.atomic import write_text
from ....rundir.run_record import read_record
from ....search.borders import Border, borders
from ....search.ledger import Trial
from ....search.spec import CASE
from ..base_config import Base, allows, kept_base
from ..points import ranked
from .analysis import Lost, StageResult, lost_groups, sort_trials, stage_results, weighted_values
from .results_files import BEST, best_text, ranking, row_of
from .view import SweepView, read_sweep


@dataclass(frozen=True)
class Findings:
    """Everything that `dnnlab show SWEEP` shows."""

    view: SweepView
    ranked: tuple[Trial, ...]
    """Trials with a result, best first."""
    rows: tuple[Trial, ...]
    """The same in the order of the table."""
    keys: tuple[str, ...]
    """The searched addresses whose values differ."""
    borders: tuple[Border, ...]
    importance: dict[str, float]
    """Address -> share of the spread."""
    judged: str
    """The number of trials that the importance is based on, and what was left out, as text."""
    stages: tuple[StageResult, ...]
    lost: tuple[Lost, ...]
    retried: tuple[int, ...]
    """Trials that killed a process, or were tried again."""
    problems: tuple[str, ...] = ()
    base: Base | None = field(default=None, repr=False)

    @property
    def best(self) -> Trial | None:
        """The best trial."""
        return self.ranked[0] if self.ranked else None

    @property
    def cases(self) -> bool:
        """Whether named variants were compared instead of searching a space."""
        return self.view.spec is not None and bool(self.view.spec.cases)

    def shown(self, trial: Trial) -> dict[str, Any]:
        """Address -> value as a table shows it."""
        return self.view.space.shown(trial.point) or dict(trial.point)

    def json(self) -> dict[str, Any]:
        """As JSON: {sweep, status, counts, trials, best, borders, stages, ...}."""
        counts = self.view.ledger.counts()
        return {
            "sweep": str(self.view.path),
            "status": self.view.status,
            "monitor": self.view.monitor,
            "direction": self.view.better,
            "counts": {**counts, "retried": len(self.retried)},
            "trials": [trial_face(self.view, trial) for trial in self._in_order()],
            "best": None if self.best is None else trial_face(self.view, self.best),
            "borders": [border.json() for border in self.borders],
            "stages": [stage.json() for stage in self.stages],
            "importance": self.importance,
            "lost": [lost.json() for lost in self.lost],
            "problems": list(self.problems),
        }

    def _in_order(self) -> list[Trial]:
        ranked = {trial.number for trial in self.ranked}
        return [*self.rows, *(trial for trial in self.view.trials if trial.number not in ranked)]


def show_sweep(path: Path, sort: str | None = None) -> Findings:
    """Look at a sweep's folder; nothing in it is changed. sort: see `sort_trials`.

    Raises `UsageError` for a key to sort by that nothing has. A damaged sweep is in `problems`.
    """
    view = read_sweep(path)
    base, why = _base(view)
    best_first = best_order(view)
    best = best_first[0] if best_first else None
    shares, judged = weighted_values(view)
    found = Findings(
        view=view,
        ranked=tuple(best_first),
        rows=tuple(best_first),
        keys=tuple(differing(view, best_first)),
        borders=tuple(_borders(view, best, base)),
        importance=shares,
        judged=judged,
        stages=tuple(stage_results(view)),
        lost=tuple(lost_groups(view.trials)),
        retried=tuple(
            t.number for t in view.trials if t.deaths or any(tries > 1 for tries in t.tries.values())
        ),
        problems=(*view.problems, *([why] if why else [])),
        base=base,
    )
    return (
        found
        if sort is None
        else replace(found, rows=tuple(sort_trials(found.ranked, sort, found.shown, addresses(view))))
    )


def best_order(view: SweepView) -> list[Trial]:
    """Trials with a result, best first, as in `ranking.json`.

    By their values if the spec is lost.
    """
    done = {trial.number: trial for trial in view.trials if trial.state == "done" and trial.value is not None}
    if view.spec is None:
        return ranked(list(done.values()), view.better)
    return [
        done[row["trial"]] for row in ranking(view.spec, view.ledger, view.better) if row["trial"] in done
    ]


def addresses(view: SweepView) -> list[str]:
    """What was searched, in the order of the file."""
    return list(dict.fromkeys(dimension.address for dimension in view.space.dimensions))


def spread(trial: Trial) -> float | None:
    """The deviation of a sample (n - 1) over the seeds; None for fewer than two."""
    return statistics.stdev(trial.values.values()) if len(trial.values) > 1 else None


def differing(view: SweepView, trials: Sequence[Trial]) -> list[str]:
    """The searched addresses whose values differ between these trials, in the order of the file."""
    shown = [view.space.shown(trial.point) for trial in trials]
    varied = [a for a in addresses(view) if len({inline(values.get(a, "none")) for values in shown}) > 1]
    return varied or addresses(view)


def changes_of(view: SweepView, trial: Trial) -> dict[str, Any]:
    """Address -> value of everything in which a trial differs from its base."""
    spec = view.spec
    if spec is None:
        return {}
    stage = next((stage for stage in spec.stages if stage.number == trial.stage), spec.stages[0])
    return spec.changes(view.space, trial.point, stage)


def trial_face(view: SweepView, trial: Trial) -> dict[str, Any]:
    """One trial for JSON. run: its first run's folder; runs: of each seed."""
    params = (
        {CASE: view.space.shown(trial.point)[CASE]}
        if CASE in trial.point
        else view.space.overrides(trial.point) or dict(trial.point)
    )
    runs = {seed: str(path) for seed in trial.runs if (path := view.run_path(trial, seed)) is not None}
    return {
        "number": trial.number,
        "stage": trial.stage,
        "params": params,
        "value": trial.value,
        "std": spread(trial),
        "values": {str(seed): value for seed, value in trial.values.items()},
        "state": trial.state,
        "status": trial.status if trial.state in ("failed", "done") and trial.status else trial.state,
        "reason": trial.reason,
        "tries": sum(trial.tries.values()),
        "run": next(iter(runs.values()), None),
        "runs": {str(seed): path for seed, path in runs.items()},
        "seconds": trial.seconds,
    }


def _borders(view: SweepView, best: Trial | None, base: Base | None) -> list[Border]:
    """Borders of the whole space that the best trial touches; cases have none."""
    if best is None or view.spec is None or view.spec.cases:
        return []
    if base is None:
        return borders(view.space, best.point)
    return borders(view.space, best.point, allows(view.spec, base, best.point))


def _base(view: SweepView) -> tuple[Base | None, str]:
    """The config that all trials share, or why it cannot be read.

    The folder may be damaged, or bring a plugin that is not trusted.
    """
    named = view.resolved.get("base")
    try:
        path = Path(named) if isinstance(named, str) else None
        return kept_base(read_record(view.path), path, () if view.spec is None else view.spec.plugins), ""
    except DnnlabError as error:
        return None, str(error.problems[0].received)
    except (OSError, TypeError, ValueError, KeyError) as error:
        return None, f"the base cannot be read ({error})"


@dataclass(frozen=True)
class Best:
    """The best trial as a config of its own."""

    path: Path
    """Of best.yaml in the sweep's folder."""
    text: str
    changes: Mapping[str, Any]
    """Address -> value of everything that differs from the base."""
    problem: str = ""
    """Why the file does not exist; "" if it does."""


def best_config(found: Findings) -> Best | None:
    """The best trial's config; None if no trial has a result, or the spec is lost."""
    trial, view = found.best, found.view
    if trial is None or view.spec is None:
        return None
    path, changes = view.path / BEST, changes_of(view, trial)
    if found.base is None:
        return Best(path, "", changes, "cannot be written out: the base cannot be read")
    try:
        text = best_text(view.name, view.spec, found.base, row_of(view.spec, trial), view.monitor)
    except DnnlabError as error:
        return Best(path, "", changes, f"cannot be written out: {error.problems[0].received}")
    return Best(path, text, changes)


def write_best(found: Findings) -> Best | None:
    """Write best.yaml into the sweep's folder unless it is there; an error becomes the `problem`."""
    best = best_config(found)
    if best is None or best.problem:
        return best
    try:
        if not best.path.exists() or best.path.read_bytes() != best.text.encode("utf-8", "backslashreplace"):
            write_text(best.path, best.text)
    except OSError as error:
        return Best(
            best.path,
            best.text,
            best.changes,
            f"{best.path.name} could not be written: {error.strerror or error}",
        )
    return best
