"""The screen of `remove`: the runs that will be or were removed, and those that stay."""

from __future__ import annotations

from ...commands.runs.remove import Plan
from ..terminal.columns import Column, grid_lines, shown
from ..terminal.numbers import counted
from ..terminal.text import labelled

MOST_LISTED = 50
NAME = 56  # columns of a run's name at most
OTHERS = 26  # columns of its status and its size


def plan_lines(plan: Plan, width: int) -> list[str]:
    """The runs to remove, with their sizes, and those that stay, with the reason."""
    listed = plan.go[:MOST_LISTED]
    lines = []
    if listed:
        table = [
            Column("run", tuple(run.path.name for run, _ in listed), widest=min(NAME, width - OTHERS)),
            Column("status", tuple(run.status for run, _ in listed)),
            Column("size", tuple(size(count) for _, count in listed), right=True),
        ]
        lines += grid_lines(table)
    lines += [f" and {len(plan.go) - MOST_LISTED} more"] if len(plan.go) > MOST_LISTED else []
    for run, why in plan.stay:
        lines += labelled("", f"stays: {shown(run.path.name, NAME)}: {why}", indent=1, width=width)
    return lines


def total_words(plan: Plan) -> str:
    """`3 runs, 1.2 MB`."""
    return f"{counted(len(plan.go), 'run')}, {size(plan.bytes)}"


def size(count: int) -> str:
    """Bytes in decimal units: `840 B`, `72 kB`, `1.2 MB`.

    >>> [size(n) for n in (840, 72_400, 1_240_000, 9_960_000)]
    ['840 B', '72 kB', '1.2 MB', '10 MB']
    """
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if unit != "B" and value < 9.95 else f"{value:.0f} {unit}"
