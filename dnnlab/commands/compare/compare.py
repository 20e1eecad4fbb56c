"""Compare runs side by side.

The table has a row for each run, at the best epoch of its monitor, and the config keys that differ. Welch's
test shows whether a difference is more than noise.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import Problem, UsageError
from ...rundir import is_sweep
from ...rundir.summary import Summary
from ..runs.filters import EVERY, Filters, chosen
from ..runs.select import as_folder, find, named_runs, no_runs, relatives, runs_in, summaries
from .groups import Group, differences, grouped, in_words
from .measured_on import Measured, tables, told_apart
from .metrics import Reach, common_metric, is_better_high, parse_reach
from .test_part import newest_test
from .welch import Welch, welch

if TYPE_CHECKING:
    from .curves import Curves


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison. The run folders are not changed."""

    runs: tuple[Summary, ...]
    """All runs, including damaged ones."""
    groups: tuple[Group, ...]
    """The rows of the table, best first."""
    differs: tuple[str, ...]
    """The config keys that differ."""
    follows: tuple[str, ...]
    """Further keys that differ only because these do."""
    metric: str | None
    """The metric that ranks; None if the runs have none in common."""
    better: str
    """The direction in which the metric is better."""
    welch: Welch | None
    """The test of two groups of runs, or None."""
    reach: Reach | None
    """The parsed option `--reach`, or None."""
    notes: tuple[str, ...]
    """Sentences for the user."""
    tests: dict[Path, dict[str, Any] | None] | None
    """The results on the test part by run, if requested."""
    tables: tuple[Comparison, ...] = ()
    """The comparisons of runs that were measured on the same, if these are several; only they rank."""
    measured_on: Measured = field(default_factory=dict)
    """What this table was measured on, where other tables differ from it."""

    @property
    def damaged(self) -> tuple[Summary, ...]:
        """The runs that are left out, each with its `problem`."""
        return tuple(run for run in self.runs if run.problem is not None)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One flat mapping a run, in the order of the table: what a data frame or a CSV file takes."""
        ordered = [(number, run) for number, group in enumerate(self.groups, start=1) for run in group.runs]
        metrics, tested = self.metrics(), self.test_metrics()
        rows = [
            (run, self._row(run, number, metrics, tested))
            for number, run in [*ordered, *((None, run) for run in self.damaged)]
        ]
        tables = self.table_numbers() if self.tables else {}
        return [row | ({"table": tables.get(run.path)} if tables else {}) for run, row in rows]

    def table_numbers(self) -> dict[Path, int]:
        """The number of the table in which each run is, from 1; damaged runs are in none."""
        numbered = enumerate(self.tables or (self,), start=1)
        return {run.path: i for i, table in numbered for group in table.groups for run in group.runs}

    def metrics(self) -> list[str]:
        """The validation metrics, with the ranking one first; the training metrics if there are none."""
        found = dict.fromkeys(key for group in self.groups for run in group.runs for key in run.metrics)
        kept = [key for key in found if key.startswith("val_")] or [
            key for key in found if key != "train_penalty"
        ]
        return [*([self.metric] if self.metric else []), *(key for key in kept if key != self.metric)]

    def label(self, group: Group) -> str:
        """A group in words: the values that set it apart, else its name."""
        words = [in_words(group.first.config.get(key, "none")) for key in self.differs]
        return ", ".join(words) or group.first.name

    def plot(self, metric: str | None = None) -> Curves:
        """The curves of all groups as a matplotlib figure; by default of the metric that ranks.

        Raises `UsageError`.
        """
        from .curves import comparison_curves

        return comparison_curves(self, metric)

    def json(self) -> dict[str, Any]:
        """The JSON answer: {differs, runs, groups} and further keys."""
        tables = self.table_numbers()
        return {
            "differs": list(self.differs),
            "follows": list(self.follows),
            "monitor": self.metric,
            "better": self.better,
            "runs": [self._face(run) | {"table": tables.get(run.path)} for run in self.runs],
            "groups": [
                self._group_face(group) | {"table": tables[group.first.path]} for group in self.groups
            ],
            "welch": None if self.welch is None else asdict(self.welch),
            "notes": list(self.notes),
            "tables": [table._table_face() for table in self.tables or (self,)],
        }

    def _table_face(self) -> dict[str, Any]:
        best = ranked(self.groups, self.metric, self.better == "max") if self.metric else []
        return {
            "measured_on": dict(self.measured_on),
            "monitor": self.metric,
            "better": self.better,
            "best": str(best[0].first.path) if best else None,
            "runs": [str(run.path) for group in self.groups for run in group.runs],
            "differs": list(self.differs),
            "welch": None if self.welch is None else asdict(self.welch),
            "notes": list(self.notes),
        }

    def _config(self, run: Summary) -> dict[str, Any]:
        return {key: run.config[key] for key in (*self.differs, *self.follows) if key in run.config}

    def _reached(self, run: Summary, reach: Reach) -> dict[str, Any]:
        epoch, seconds = reach.moment(run) or (None, None)
        return {"metric": reach.metric, "value": reach.value, "epoch": epoch, "seconds": seconds}

    def _face(self, run: Summary) -> dict[str, Any]:
        face: dict[str, Any] = {
            "run": str(run.path),
            "name": run.name,
            "status": run.status,
            "seed": run.seed,
            "config": self._config(run),
        }
        face |= {"monitor": run.monitor, "best": run.best, "last": run.last, "seconds": run.seconds}
        face |= {
            "seconds_per_epoch": run.seconds_per_epoch,
            "parameters": run.parameters,
            "problem": run.problem,
        }
        face |= {} if self.reach is None else {"reach": self._reached(run, self.reach)}
        return face | ({} if self.tests is None else {"test": self.tests.get(run.path)})

    def _group_face(self, group: Group) -> dict[str, Any]:
        keys = ["epoch", *dict.fromkeys(key for run in group.samples for key in run.metrics)]
        face = {
            "runs": [str(run.path) for run in group.runs],
            "config": self._config(group.first),
            "n": group.n,
        }
        return face | {
            "mean": {key: group.mean(key) for key in keys},
            "std": {key: group.std(key) for key in keys},
        }

    def _row(
        self, run: Summary, number: int | None, metrics: Sequence[str], tested: Sequence[str]
    ) -> dict[str, Any]:
        row: dict[str, Any] = {
            "run": str(run.path),
            "group": number,
            "name": run.name,
            "status": run.status,
            "seed": run.seed,
        }
        row |= {key: run.config.get(key) for key in self.differs if key != "seed"}
        row |= {"epoch": run.best.get("epoch"), **{key: run.measure(key) for key in metrics}}
        row |= {
            "seconds_per_epoch": run.seconds_per_epoch,
            "seconds": run.seconds,
            "parameters": run.parameters,
        }
        if self.reach is not None:
            reached = self._reached(run, self.reach)
            row |= {"reach_epoch": reached["epoch"], "reach_seconds": reached["seconds"]}
        if self.tests is not None:
            measured = (self.tests.get(run.path) or {}).get("metrics", {})
            row |= {f"test_{key}": measured.get(key) for key in tested}
        return row | {"problem": run.problem}

    def test_metrics(self) -> list[str]:
        """The names of the metrics on the test part of any run; those of `metrics` first, in their order."""
        found = dict.fromkeys(key for part in (self.tests or {}).values() if part for key in part["metrics"])
        beside = [name for name in self._measured() if name in found]
        return [*beside, *(key for key in found if key not in beside)]

    def tests_beside(self) -> list[str]:
        """Those of `test_metrics` that stand beside one of `metrics`; all if none does."""
        found, measured = self.test_metrics(), self._measured()
        return [key for key in found if key in measured] or found

    def _measured(self) -> list[str]:
        return [key.partition("_")[2] for key in self.metrics()]


def compare(
    words: Sequence[str],
    runs_dir: Path,
    filters: Filters = EVERY,
    *,
    reach: str | None = None,
    test: bool = False,
    over_seeds: bool = True,
) -> Comparison:
    """Compare the runs that RUNs or DIRs name.

    Without words it compares all runs in `runs_dir`; with one RUN, that run and the runs of the same name in
    its folder. over_seeds: runs that differ only by the seed become one row. test: read the results of
    `evaluate` on the test part. Raises `DnnlabError` if nothing is left to compare or if a filter has a typo;
    damaged runs are in the result.
    """
    found = summaries(paths_of(words, runs_dir))
    kept = chosen(found, filters, time.time())
    if not kept:
        problem = f"none of {len(found)} runs meets the filters"
        raise UsageError(
            Problem(
                problem,
                "expected at least one",
                "leave one of them out; `dnnlab runs` lists the runs",
                code="nothing_left",
            )
        )
    return compared(kept, reach=reach, test=test, over_seeds=over_seeds, keep_order=filters.sort is not None)


def paths_of(words: Sequence[str], runs_dir: Path) -> list[Path]:
    """The folders to compare. Raises `RunError`."""
    if words:
        if (
            len(words) == 1
            and as_folder(words[0]) is None
            and not is_sweep(found := find(words[0], runs_dir))
        ):
            return relatives(found)
        return named_runs(words, runs_dir)
    paths = runs_in(runs_dir)
    if not paths:
        raise no_runs(runs_dir)
    return paths


def compared(
    runs: Sequence[Summary],
    *,
    reach: str | None = None,
    test: bool = False,
    over_seeds: bool = True,
    keep_order: bool = False,
) -> Comparison:
    """The comparison of summaries. keep_order: keep their order; else the best group is first.

    Runs that were measured on different data, tasks or target scales stand in tables of their own.
    """
    whole = [run for run in runs if run.problem is None]
    tests = {run.path: newest_test(run.path) for run in whole} if test else None
    goal = None if reach is None else parse_reach(reach, whole)
    options = {"over_seeds": over_seeds, "keep_order": keep_order}
    found = replace(one_table(runs, **options), reach=goal, tests=tests)
    parts = tables(whole)
    if len(parts) < 2:
        return found
    told = told_apart([dict(key) for key in parts])
    ranked_apart = tuple(
        replace(one_table(part, **options), reach=goal, tests=tests, measured_on=measured)
        for part, measured in zip(parts.values(), told, strict=True)
    )
    groups = tuple(group for table in ranked_apart for group in table.groups)
    return replace(found, groups=groups, welch=None, notes=(), tables=ranked_apart)


def one_table(runs: Sequence[Summary], *, over_seeds: bool, keep_order: bool) -> Comparison:
    """The comparison of runs that were measured on the same."""
    whole = [run for run in runs if run.problem is None]
    metric, note = common_metric(whole)
    high = metric is not None and is_better_high(metric, whole)
    groups = grouped(whole, over_seeds)
    alone = all(len(group.runs) == 1 for group in groups)
    differs, follows = differences(whole, seeds=alone)
    if metric is not None and not keep_order:
        groups = ranked(groups, metric, high)
    notes = [*([note] if note else []), *repeated(groups)]
    return Comparison(
        runs=tuple(runs),
        groups=tuple(groups),
        differs=tuple(differs),
        follows=tuple(follows),
        metric=metric,
        better="max" if high else "min",
        welch=tested_groups(groups, metric),
        reach=None,
        notes=tuple(notes),
        tests=None,
    )


def ranked(groups: Sequence[Group], metric: str, high: bool) -> list[Group]:
    """Best mean first; those without a value last."""
    means = [(group.mean(metric), group) for group in groups]
    measured = [(mean, group) for mean, group in means if mean is not None]
    measured.sort(key=lambda pair: pair[0], reverse=high)
    return [group for _, group in measured] + [group for mean, group in means if mean is None]


def tested_groups(groups: Sequence[Group], metric: str | None) -> Welch | None:
    """Welch's test, if there are exactly two groups of finished runs and one of them has several seeds."""
    finished = [group for group in groups if group.first.finished and metric and group.values(metric)]
    if metric is None or len(finished) != 2 or max(group.n for group in finished) < 2:
        return None
    return welch(metric, finished[0].values(metric), finished[1].values(metric))


def repeated(groups: Sequence[Group]) -> list[str]:
    """A note if a seed was trained more than once."""
    more = sum(len(group.runs) - group.n for group in groups)
    words = "run repeats a seed of its group" if more == 1 else "runs repeat a seed of their group"
    return [f"{more} {words}; of each seed only the newest counts"] if more else []
