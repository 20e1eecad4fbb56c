"""Named variants compared: one row per case over its seeds, Welch's test against the best, their curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....rundir.summary import Summary, summarize
from ....search.spec import CASE
from ...compare.groups import Group
from ...compare.welch import Welch, welch
from .findings import Findings

if TYPE_CHECKING:
    from ...compare.curves import Curves


@dataclass(frozen=True)
class Case:
    """A named variant."""

    name: str
    trial: int
    group: Group | None
    """Its finished runs, as `compare` groups them."""
    status: str
    test: Welch | None = None
    """Welch's test against the best case; None for the best case, and if one of the two has too few runs."""
    p: float | None = None
    """The p-value of the test, corrected for the number of tests."""


def compare_cases(found: Findings) -> list[Case]:
    """The cases, best first; those without a result last.

    Their p-values are corrected for their number (Holm 1979).
    """
    cases = [
        _case(found, trial.number)
        for trial in (*found.ranked, *(t for t in found.view.trials if t not in found.ranked))
    ]
    best = next(
        (case.group for case in cases if case.group is not None and case.group.values(found.view.monitor)),
        None,
    )
    tested: dict[str, Welch] = {}
    for case in cases:
        if (
            best is not None
            and case.group is not None
            and case.group is not best
            and (values := case.group.values(found.view.monitor))
        ):
            tested[case.name] = welch(found.view.monitor, best.values(found.view.monitor), values)
    known = {name: test.p for name, test in tested.items() if test.p is not None}
    corrected = dict(zip(known, holm(list(known.values())), strict=True))
    return [
        Case(c.name, c.trial, c.group, c.status, tested.get(c.name), corrected.get(c.name)) for c in cases
    ]


def holm(p: list[float]) -> list[float]:
    """Holm's step-down correction of several p-values, in their order.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p)), key=lambda i: p[i])
    found, largest = [0.0] * len(p), 0.0
    for place, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - place) * p[i]))
        found[i] = largest
    return found


def case_curves(found: Findings) -> Curves:
    """The picture of the monitor over the epochs: a line a case, the mean over its seeds, and a band.

    Raises `UsageError`.
    """
    from ...compare.curves import NOTE, Series, checked_key, draw, legible, points

    cases = [case for case in compare_cases(found) if case.group is not None]
    groups = [case.group for case in cases if case.group is not None]
    key = checked_key(found.view.monitor, [run for group in groups for run in group.samples])
    series = []
    for case, group in zip(cases, groups, strict=True):
        runs = tuple(measured for run in group.samples if (measured := points(run.history, key)))
        series += [Series(legible(case.name), runs)] if runs else []
    return draw(series, key, "", NOTE if any(len(item.runs) > 1 for item in series) else "")


def _case(found: Findings, number: int) -> Case:
    trial = found.view.ledger.trials[number]
    name = str(found.view.space.shown(trial.point).get(CASE, number))
    paths = [path for seed in sorted(trial.values) if (path := found.view.run_path(trial, seed)) is not None]
    runs: list[Summary] = [run for run in map(summarize, paths) if run.problem is None]
    status = trial.status if trial.state in ("done", "failed") and trial.status else trial.state
    return Case(name, number, Group(tuple(runs), tuple(runs)) if runs else None, status)
