"""Runs that differ only in the seed: mean and deviation of their metrics, each at its own best epoch."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from ...rundir.json_values import number
from ...rundir.status import GOOD
from ..terminal.numbers import fitted
from ..terminal.text import clean, columns, labelled


def counts(result: Mapping[str, Any]) -> bool:
    """Whether a run is a sample: it came to its own end and has a best epoch."""
    return result["status"] in GOOD and bool(result.get("best"))


def summary(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """{runs, mean, std}: over the runs that count. std is that of a sample (n - 1), None for a single run."""
    found = [{"epoch": r["best"]["epoch"], **r["best"]["metrics"]} for r in results if counts(r)]
    keys = [
        key for key in (found[0] if found else {}) if all(number(row.get(key)) is not None for row in found)
    ]
    values = {key: [float(row[key]) for row in found] for key in keys}
    std = {key: statistics.stdev(v) if len(v) > 1 else None for key, v in values.items()}
    return {
        "runs": list(results),
        "mean": {key: statistics.fmean(v) for key, v in values.items()},
        "std": std,
    }


def summary_lines(
    results: Sequence[Mapping[str, Any]], seeds: Sequence[int], monitor: str, width: int
) -> list[str]:
    """The table: the monitor first, then the other measures."""
    numbers = summary(results)
    left_out = [str(r["status"]) for r in results if not counts(r)]
    title = (
        f"{len(seeds)} seeds ({seeds_words(seeds)}); mean ± deviation at each run's best epoch by {monitor}"
    )
    title += f"; left out: {', '.join(left_out)}" if left_out else ""
    keys = sorted(
        (key for key in numbers["mean"] if "penalty" not in key),
        key=lambda key: (key != monitor, key == "epoch"),
    )
    label = max([12, *(columns(clean(key)) + 1 for key in keys)])
    lines = labelled("", title, indent=1, width=width)
    for key in keys:
        mean, std = numbers["mean"][key], numbers["std"][key]
        value = f"{mean:.1f}" if key == "epoch" else fitted(mean)
        deviation = "" if std is None else f" ± {std:.1f}" if key == "epoch" else f" ± {fitted(std)}"
        name = clean(key)
        lines.append(f" {name}{' ' * (label - columns(name))}{value:>8}{deviation}")
    return lines


def seeds_words(seeds: Sequence[int]) -> str:
    """`0, 1, 2`, `0 ... 99`."""
    return ", ".join(map(str, seeds)) if len(seeds) <= 5 else f"{seeds[0]} ... {seeds[-1]}"
