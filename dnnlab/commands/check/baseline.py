"""A linear model on the same rows: what a net has to be better than.

Source: Hand 2006, Classifier technology and the illusion of progress.
"""

from __future__ import annotations

from ...config.few_rows import few_rows
from .bench import Bench
from .result import Check
from .words import measure

NAME = "baseline"


def baseline(bench: Bench) -> Check:
    """The loss and metrics of a linear model; it never fails."""
    from ...assembly.linear_baseline import linear_baseline

    found = linear_baseline(bench.experiment, bench.data, bench.objective)
    if found is None:
        return Check(NAME, None, "a linear model is measured on tables only")
    if found["skipped"]:
        return Check(NAME, None, f"no {found['model']} regression: {found['skipped']}")
    part = "val" if bench.data.validation is not None else "train"
    shown = [f"{key} {measure(v, 3)}" for key, v in found["metrics"].items() if key.startswith(f"{part}_")]
    words = f"{found['model']} regression: {', '.join(shown)}"
    return Check(NAME, True, words, "", few_rows(bench.rows))
