"""The metric that ranks runs, its direction, and the epoch in which it reached a value."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import Problem, UsageError
from ...registry import find, show
from ...rundir.json_values import number
from ...rundir.summary import Summary

_PART = re.compile(r"(?:train_eval|train|val)_")


def is_better_high(key: str, runs: Sequence[Summary]) -> bool:
    """Whether a metric is better when it is higher.

    Losses and penalties are better when they are lower. meta.json has the direction of the monitor, the
    registry those of other metrics. Unknown metrics (of a plugin) count as better when they are higher.
    """
    name = _PART.sub("", key, count=1)
    if name.split("_")[0] in ("loss", "penalty"):
        return False
    for run in runs:
        if run.monitor and _PART.sub("", run.monitor, count=1) == name:
            return run.better != "min"
    entry = next(
        (
            found
            for word in (name, name.rpartition("_")[0])
            if word and (found := find("metrics", word)) is not None
        ),
        None,
    )
    return entry is None or entry.flags.get("better") != "min"


def common_metric(runs: Sequence[Summary]) -> tuple[str | None, str | None]:
    """(the metric to compare by, a note).

    One monitor: that. Else what all runs have: the commonest monitor, a validation metric, any.
    """
    monitors = Counter(run.monitor for run in runs if run.monitor)
    if len(monitors) == 1:
        return next(iter(monitors)), None
    if not monitors:
        return None, "none of these runs has measured anything yet" if runs else None
    measured = [run for run in runs if run.metrics]
    shared = [
        key
        for key in (measured[0].metrics if measured else {})
        if all(run.measure(key) is not None for run in measured)
    ]
    order = [
        *(monitor for monitor, _ in monitors.most_common()),
        *sorted(shared, key=lambda key: not key.startswith("val_")),
    ]
    found = next((key for key in order if key in shared), None)
    listed = ", ".join(f"{monitor} ({count})" for monitor, count in monitors.most_common())
    if found is None:
        return None, f"different monitors: {listed}; no metric is common to all, so nothing is ranked"
    return (
        found,
        f"different monitors: {listed}; compared by {found}, each run at the best epoch of its own monitor",
    )


def refuse_test_part(key: str, option: str) -> None:
    """Raises `UsageError`: the test part neither ranks nor chooses runs."""
    if key.startswith("test_"):
        fix = f"use val_{key.removeprefix('test_')}; --test shows the test part beside it"
        raise UsageError(
            Problem(
                f"{option} {show(key)}", "the test part never ranks or chooses runs", fix, code="test_part"
            )
        )


@dataclass(frozen=True)
class Reach:
    """The option `--reach METRIC=V`: the first epoch in which a metric was as good as V."""

    metric: str
    """The name of the metric."""
    value: float
    """The value to reach."""
    high: bool
    """Whether the metric must be at least (else at most) the value."""

    def moment(self, run: Summary) -> tuple[int, float | None] | None:
        """(epoch, seconds since the training began) or None: not reached."""
        for row in run.history:
            measured = number(row.get(self.metric))
            if measured is not None and (measured >= self.value if self.high else measured <= self.value):
                epoch = row.get("epoch")
                return (epoch, number(row.get("seconds"))) if isinstance(epoch, int) else None
        return None

    def __str__(self) -> str:
        return f"{self.metric} {'>=' if self.high else '<='} {self.value:g}"


def parse_reach(text: str, runs: Sequence[Summary]) -> Reach:
    """Read METRIC=V.

    Losses are reached from above, other metrics as `is_better_high` says. Raises `UsageError`.
    """
    key, _, raw = text.partition("=")
    key = key.strip()
    try:
        value = number(float(raw))
    except ValueError:
        value = None
    if value is None:
        expected = "expected METRIC=V with a number, such as val_accuracy=0.97"
        raise UsageError(Problem(f"--reach {show(text)}", expected, code="reach"))
    refuse_test_part(key, "--reach")
    known = dict.fromkeys(key for run in runs for row in run.history[-1:] for key in (*run.metrics, *row))
    if key not in known:
        near = difflib.get_close_matches(key, known, n=2) or [
            word for word in known if word.endswith(f"_{key}")
        ]
        fix = f"did you mean {' or '.join(near)}?" if near else f"measured: {', '.join(known) or 'nothing'}"
        raise UsageError(
            Problem(
                f"--reach {show(key)}: none of these runs measured it",
                "expected a key of metrics.jsonl",
                fix,
                code="unknown_key",
            )
        )
    return Reach(key, value, is_better_high(key, runs))
