"""The screen of `dnnlab show SWEEP`: ranking, importance, borders, stages, failures, next commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...commands.sweep.results.analysis import StageResult
from ...commands.sweep.results.findings import Best, Findings, spread
from ...commands.sweep.results.text import (
    border_words,
    border_yaml,
    cell_words,
    counts_words,
    objective_words,
    range_words,
    same_in_all,
    stage_words,
)
from ...search.borders import Border
from ..terminal.columns import Column, fitting, grid_lines, shown, titles_of
from ..terminal.numbers import fitted
from ..terminal.text import INDENT, labelled, next_lines
from ..terminal.text import columns as columns_of
from ..terminal.yaml import yaml_lines
from .compare import spread as spread_words
from .sweep_cases import case_lines

ROWS = 10  # of the ranking
MOST_LISTED = 6  # kinds of failure, values that matter
LONG = 160  # characters of a reason


def sweep_lines(
    found: Findings,
    best: Best | None,
    files: Sequence[Path],
    following: Sequence[str],
    width: int,
    columns: int | None = None,
) -> list[str]:
    """The whole screen.

    columns: of the table, by default as wide as the texts. files: the page and the picture that were written.

    following: the commands to type next.
    """
    lines = labelled(
        "", f"{found.view.name}: {found.view.status}; {counts_words(found)}", indent=1, width=width
    )
    lines += labelled("", objective_words(found), indent=1, width=width)
    table = (
        case_lines(found, columns or width, width) if found.cases else ranking_lines(found, columns or width)
    )
    lines += ["", *table, ""] if found.ranked else [""]
    lines += importance_lines(found, width)
    lines += [line for border in found.borders for line in border_lines(border, width)]
    lines += [line for stage in found.stages if len(found.stages) > 1 for line in stage_lines(stage, width)]
    lines += lost_lines(found, width)
    lines += [
        line for text in found.problems for line in labelled("damaged", text, indent=INDENT, width=width)
    ]
    lines += best_lines(best, width)
    for file in files:
        lines += labelled(
            "picture" if file.suffix.lower() not in (".html", ".htm") else "page",
            str(file),
            indent=INDENT,
            width=width,
            whole=True,
        )
    return [*lines, *next_lines(list(following), width)]


def ranking_lines(found: Findings, width: int) -> list[str]:
    """The table: as many values as there is room for, the others named below."""
    table, left = fitting(ranking_columns(found, ROWS), width)
    lines = grid_lines(table)
    beyond = [column.name or column.title for column in left]
    hidden = len(found.ranked) - ROWS
    notes = [f"{hidden} more trials (--page FILE shows all, --json too)"] if hidden > 0 else []
    notes += [f"no room for: {', '.join(beyond)}"] if beyond else []
    notes += [f"the same in all: {', '.join(same)}"] if (same := same_in_all(found)) and found.ranked else []
    return [*lines, *(line for note in notes for line in labelled("", note, indent=1, width=width))]


def ranking_columns(found: Findings, most: int | None = None) -> list[Column]:
    """Rank, trial, stage, mean and deviation, the values that differ.

    On a narrow screen the least important columns are left out.
    """
    rows = found.rows if most is None else found.rows[:most]
    places = {trial.number: place for place, trial in enumerate(found.ranked, start=1)}
    table = [Column("#", tuple(str(places[t.number]) for t in rows), right=True)]
    table.append(Column("trial", tuple(str(t.number) for t in rows), right=True))
    if len({t.stage for t in found.ranked}) > 1:
        table.append(Column("stage", tuple(str(t.stage + 1) for t in rows), right=True))
    table.append(Column(found.view.monitor, tuple(spread_words(t.value, spread(t)) for t in rows)))
    titles = titles_of(found.keys)
    weighty = sorted(found.keys, key=lambda key: -found.importance.get(key, 0.0))
    for key in found.keys:
        cells = tuple(cell_words(found.shown(t).get(key)) for t in rows)
        table.append(Column(titles[key], cells, spare=1 + weighty.index(key), name=key))
    table.append(
        Column(
            "s",
            tuple(fitted(t.seconds, 6) if t.seconds else "-" for t in rows),
            right=True,
            spare=1000,
            name="seconds",
        )
    )
    return table


def importance_lines(found: Findings, width: int) -> list[str]:
    """Which values matter, as bars, or why that cannot be said."""
    if found.cases:
        return []
    shares = list(found.importance.items())[:MOST_LISTED]
    room = max((columns_of(address) for address, _ in shares), default=0)
    lines = []
    for place, (address, share) in enumerate(shares):
        bar = "━" * round(share * max(width - INDENT - room - 8, 4))
        name = shown(address, 40).ljust(min(room, 40))
        lines.append(f" {'matters' if place == 0 else '':{INDENT - 1}}{name}  {share:4.2f}  {bar}".rstrip())
    words = f"importance by {found.judged}" if lines else found.judged
    return [*lines, *labelled("" if lines else "matters", words, indent=INDENT, width=width)]


def border_lines(border: Border, width: int) -> list[str]:
    """A best value on an edge, and the range to try next."""
    beyond = (
        "the config takes nothing beyond"
        if border.suggestion is None
        else "a better one may lie beyond. Try next"
    )
    lines = labelled("border", f"{border_words(border)}; {beyond}", indent=INDENT, width=width)
    return [*lines, *(f"{' ' * INDENT}{line}" for line in border_yaml(border))]


def stage_lines(stage: StageResult, width: int) -> list[str]:
    """What a stage did, and what it narrowed."""
    lines = labelled(f"stage {stage.stage.number + 1}", stage_words(stage), indent=INDENT, width=width)
    for address, (old, new) in stage.changes.items():
        lines += labelled(
            "", f"{address}: {range_words(old)} -> {range_words(new)}", indent=INDENT + 2, width=width
        )
    return lines


def lost_lines(found: Findings, width: int) -> list[str]:
    """Trials without a result, counted by status and reason."""
    lines = []
    for lost in found.lost[:MOST_LISTED]:
        reason = f": {first_words(lost.reason)}" if lost.reason and lost.reason != lost.status else ""
        trials = f" (trial{'s' if len(lost.trials) > 1 else ''} {lost.numbers()})"
        label = lost.state
        what = f"{len(lost.trials)}" + (
            f" {lost.status.replace('_', ' ')}" if lost.status != lost.state else ""
        )
        lines += labelled(label, f"{what}{trials}{reason}", indent=INDENT, width=width)
    more = sum(len(lost.trials) for lost in found.lost[MOST_LISTED:])
    return [*lines, *(labelled("", f"and {more} more (--json)", indent=INDENT, width=width) if more else [])]


def first_words(reason: str) -> str:
    """A long reason as far as its first half sentence."""
    return reason if len(reason) < LONG else reason[:LONG].partition("; ")[0] + " ..."


def best_lines(best: Best | None, width: int) -> list[str]:
    """The best config: what it changes, and where it lies."""
    if best is None:
        return []
    lines = labelled(
        "best",
        str(best.path) if not best.problem else best.problem,
        indent=INDENT,
        width=width,
        whole=not best.problem,
    )
    return [
        *lines,
        *(f"{' ' * INDENT}{line}" for line in yaml_lines(dict(best.changes), max(width - INDENT, 20))),
    ]
