"""The screen of named variants: one row per case, and whether they differ by more than their seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...commands.compare.groups import Group
from ...commands.compare.welch import ALPHA, FEWEST
from ...commands.sweep.results.cases import Case, compare_cases
from ...commands.sweep.results.findings import Findings
from ..terminal.columns import Column, fitting, grid_lines
from ..terminal.text import labelled
from .compare import epoch_words, p_words, spread, time_words


def case_lines(found: Findings, columns: int, width: int) -> list[str]:
    """Named variants: mean and deviation over the seeds, and Welch's test of each against the best."""
    cases, metric = compare_cases(found), found.view.monitor
    groups = [case.group for case in cases]

    def cells(words: Callable[[Group], str]) -> tuple[str, ...]:
        return tuple("-" if group is None else words(group) for group in groups)

    table = [
        Column("#", tuple(str(place) for place in range(1, len(cases) + 1)), right=True),
        Column("case", tuple(case.name for case in cases)),
        Column("n", cells(lambda group: str(group.n)), right=True),
        Column(metric, cells(lambda group: spread(group.mean(metric), group.std(metric)))),
        Column("p", tuple("-" if case.p is None else p_words(case.p) for case in cases), right=True),
        Column("epoch", cells(epoch_words), right=True, spare=2),
        Column("s/epoch", cells(time_words), right=True, spare=3),
        Column("status", tuple(case.status for case in cases), spare=1),
    ]
    lines = grid_lines(fitting(table, columns)[0])
    return [
        *lines,
        *(line for words in verdicts(cases) for line in labelled("", words, indent=1, width=width)),
    ]


def verdicts(cases: Sequence[Case]) -> list[str]:
    """What the p-values say, in a sentence or two."""
    tested = [case for case in cases if case.test is not None]
    if not tested:
        return []
    few = min(n for case in tested if case.test is not None for n in case.test.n) < FEWEST
    if all(case.p is None for case in tested):
        return [f"too few seeds to say whether they differ ({FEWEST} each at least: seeds: {FEWEST})"]
    noise = [case.name for case in tested if case.p is not None and case.p >= ALPHA]
    words = (
        f"p: Welch's test against {cases[0].name}, corrected for {len(tested)} tests (Holm)"
        if len(tested) > 1
        else "p: Welch's test"
    )
    told = (
        f"inside the noise of seeds: {', '.join(noise)}"
        if noise
        else "every difference from the best is more than the noise of seeds"
    )
    return [words, told + (f"; fewer than {FEWEST} seeds say little" if few else "")]
