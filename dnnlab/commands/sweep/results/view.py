"""A sweep as it was when looked at: running, over, killed or damaged.

Reading never fails; what is wrong is found in `problems`.
"""

from __future__ import annotations

import math
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ....errors import DnnlabError
from ....rundir import RunStatus, is_sweep, read_run
from ....rundir.jsonl import CUT
from ....rundir.reader import TRIALS
from ....rundir.run_record import read_record
from ....search.ledger import Ledger, Trial
from ....search.ranges import Choice
from ....search.space import Space, active
from ....search.spec import Spec
from ..folder import LEDGER, RESOLVED, kept_spec, read_ledger


@dataclass(frozen=True)
class SweepView:
    """A sweep folder as read."""

    path: Path
    status: RunStatus
    """That of the coordinator; the words are those of a run."""
    resolved: dict[str, Any]
    """The content of resolved.json."""
    spec: Spec | None
    """None if resolved.json cannot be used."""
    monitor: str
    better: str
    """max or min."""
    ledger: Ledger
    """Without trials whose points do not belong to the space."""
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def space(self) -> Space:
        """What was searched; nothing if that is not known."""
        return Space(()) if self.spec is None else self.spec.space

    @property
    def trials(self) -> list[Trial]:
        """All trials, by number."""
        return [trial for _, trial in sorted(self.ledger.trials.items())]

    def text(self, file: str) -> str | None:
        """A text file of the folder, None if it cannot be read."""
        return read_run(self.path).text(file)

    def run_path(self, trial: Trial, seed: int) -> Path | None:
        """The run folder of one seed, None if it was never started."""
        name = trial.runs.get(seed)
        return None if name is None else self.path / TRIALS / Path(name).name


def is_sweep_like(path: Path) -> bool:
    """Whether a folder is a sweep, damaged or not."""
    trials = os.path.isdir(path / TRIALS)  # noqa: PTH112 (False where pathlib raises)
    return is_sweep(path) or trials or read_record(path).kind == "sweep"


def read_sweep(path: Path) -> SweepView:
    """Look at a sweep, also while it goes on."""
    view = read_run(path)
    resolved = view.json(RESOLVED) or {}
    spec, ledger = None, Ledger()
    problems = list(view.problems)
    try:
        ledger, damage = read_ledger(path)
        being_written = CUT in (damage or "") and view.status.unended
        problems += [damage] if damage and not being_written else []
    except OSError as error:
        problems.append(f"{LEDGER} cannot be read: {error.strerror or error}")
    try:
        spec = kept_spec(view)
    except DnnlabError as error:
        problems += [str(problem.received) for problem in error.problems]
    except (
        OSError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:  # whatever a damaged file holds
        problems.append(f"{RESOLVED} does not say what is searched ({error})")
    unread = (
        ()
        if spec is None
        else tuple(n for n, trial in ledger.trials.items() if not belongs(spec.space, trial))
    )
    if unread:
        problems.append(
            f"{LEDGER}: trials {', '.join(map(str, unread[:5]))} do not belong to what is searched; left out"
        )
        ledger.trials = {number: trial for number, trial in ledger.trials.items() if number not in unread}
    found = SweepView(path, view.status, resolved, spec, "", "max", ledger)
    monitor, better = _objective(found)
    return replace(found, monitor=monitor, better=better, problems=tuple(dict.fromkeys(problems)))


def belongs(space: Space, trial: Trial) -> bool:
    """Whether a trial's point is one of the space, and its results are numbers."""
    values = [*trial.values.values(), *trial.point.values()] if isinstance(trial.point, dict) else [None]
    if not all(isinstance(value, int | float) and math.isfinite(value) for value in values):
        return False
    known = {dimension.key: dimension.range for dimension in space.dimensions}
    if trial.point.keys() != {
        dimension.key for dimension in space.dimensions if active(dimension, trial.point)
    }:
        return False
    return all(
        value in range(len(r.options))
        for key, value in trial.point.items()
        if isinstance(r := known[key], Choice)
    )


def _objective(view: SweepView) -> tuple[str, str]:
    """(monitor, max or min): as the sweep says, else as one of its runs says."""
    monitor, better = view.resolved.get("monitor"), view.resolved.get("direction")
    if isinstance(monitor, str) and better in ("max", "min"):
        return monitor, better
    with suppress(OSError):
        for trial in view.trials:
            for seed in trial.runs:
                path = view.run_path(trial, seed)
                run = None if path is None else read_record(path)
                if run is not None and run.monitor is not None:
                    return run.monitor, "min" if run.better == "min" else "max"
    return "the monitor", "max"
