"""The list of runs on the screen."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ...rundir import run_word
from ...rundir.summary import Summary
from ..terminal.columns import Column, fitting, grid_lines, short_name, shown
from ..terminal.numbers import counted, fitted
from ..terminal.text import labelled, next_lines

MOST_LISTED = 10  # damaged runs that are named


def runs_columns(found: Sequence[Summary], now: float) -> list[Column]:
    """id, name, status, epochs, monitor at the best epoch, age, tags."""
    monitors = list(dict.fromkeys(run.monitor for run in found if run.monitor))
    one = len(monitors) == 1
    table = [
        Column("run", tuple(short_name(run.path) for run in found)),
        Column("name", tuple(f"{run.name} (sweep)" if run.sweep else run.name for run in found)),
        Column("status", tuple(run.status for run in found)),
        Column("epochs", tuple(epochs(run) for run in found), right=True, spare=2),
        Column(
            monitors[0] if one else "best",
            tuple(monitor_words(run, one) for run in found),
            right=one,
            spare=1,
        ),
        Column("age", tuple(age(now - run.created) for run in found), right=True, spare=3),
    ]
    tagged = any(run.tags for run in found)
    return [
        *table,
        *([Column("tags", tuple(" ".join(run.tags) for run in found), spare=4)] if tagged else []),
    ]


def runs_lines(
    found: Sequence[Summary], total: int, folder: str, columns: int, width: int, usual: bool = True
) -> list[str]:
    """The whole screen. total: runs in the folder, those that the filters left out too."""
    where = shown(folder, 60)
    if not found:
        words = (
            f"none of {counted(total, 'run')} in {where} meets the filters"
            if total
            else f"there are no runs in {where} yet"
        )
        following = [] if total else ["dnnlab new first.yaml", "dnnlab train first.yaml"]
        return [*labelled("", words, indent=1, width=width), *next_lines(following, width)]
    number = counted(total, "run") if len(found) == total else f"{len(found):,} of {counted(total, 'run')}"
    table, _ = fitting(runs_columns(found, time.time()), columns)
    lines = [*labelled("", f"{number} in {where}", indent=1, width=width), *grid_lines(table)]
    damaged = [run for run in found if run.problem is not None]
    for run in damaged[:MOST_LISTED]:
        lines += labelled("", f"damaged: {shown(run.path.name, 60)} {run.problem}", indent=1, width=width)
    lines += [f" and {len(damaged) - MOST_LISTED} more damaged"] if len(damaged) > MOST_LISTED else []
    return [*lines, *next_lines(next_commands(found, usual), width)]


def next_commands(found: Sequence[Summary], usual: bool) -> list[str]:
    """Go on with what was cut short, else compare."""
    cut = [run for run in found if run.status.may_resume]
    whole = [run for run in found if run.problem is None]
    first = [f"dnnlab resume {run_word(cut[0].path, usual)}"] if cut else []
    return [*first, *([f"dnnlab compare {run_word(whole[0].path, usual)}"] if len(whole) > 1 else [])]


def epochs(run: Summary) -> str:
    """Epochs done, and planned ones if it is not over: `12/100`."""
    done, planned = run.last.get("epoch"), run.config.get("training.epochs")
    if not isinstance(done, int):
        return "-"
    return f"{done}/{planned}" if isinstance(planned, int) and done < planned else str(done)


def monitor_words(run: Summary, alone: bool) -> str:
    """The monitor at the best epoch, with its name if runs have different ones."""
    value = None if run.monitor is None else run.measure(run.monitor)
    return fitted(value) if alone or value is None else f"{run.monitor} {fitted(value)}"


def age(seconds: float) -> str:
    """`40 s`, `12 min`, `5 h`, `3 d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size):,} {unit}"
    return f"{max(0, int(seconds))} s"
