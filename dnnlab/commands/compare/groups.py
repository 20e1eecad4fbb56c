"""Group runs that differ only by their seed, and find the keys that differ. Pure functions of summaries."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ...registry import inline
from ...rundir.summary import Summary

LABELS = ("name", "tags", "note")
"""Keys of a config that make no difference."""

ABSENT = object()


@dataclass(frozen=True)
class Group:
    """A row of the comparison: one run, or runs that differ only by the seed."""

    runs: tuple[Summary, ...]
    """All runs of the group."""
    samples: tuple[Summary, ...]
    """The newest run of each seed: a repeated seed gives the same numbers and must not count twice."""

    @property
    def n(self) -> int:
        """How many seeds."""
        return len(self.samples)

    @property
    def first(self) -> Summary:
        """The run that speaks for all of them."""
        return self.runs[0]

    def values(self, key: str) -> list[float]:
        """A metric of every sample that has it, at each run's best epoch; `epoch` is that epoch."""
        found = (_epoch(run) if key == "epoch" else run.measure(key) for run in self.samples)
        return [value for value in found if value is not None]

    def mean(self, key: str) -> float | None:
        """The mean over the samples."""
        values = self.values(key)
        return statistics.fmean(values) if values else None

    def std(self, key: str) -> float | None:
        """The deviation of a sample (divided by n - 1); None for fewer than two."""
        values = self.values(key)
        return statistics.stdev(values) if len(values) > 1 else None

    def median(self, key: str) -> float | None:
        """The median of a property of the runs (seconds_per_epoch)."""
        values = [value for run in self.samples if (value := getattr(run, key)) is not None]
        return statistics.median(values) if values else None


def grouped(runs: Iterable[Summary], over_seeds: bool = True) -> list[Group]:
    """Runs with the same config but for the seed stand together, in the order of their first.

    Only finished runs are samples; one that is running, killed or diverged is a row of its own.
    """
    found: dict[Any, list[Summary]] = {}
    for run in runs:
        alone = not over_seeds or not run.finished
        found.setdefault(run.path if alone else identity(run), []).append(run)
    return [Group(tuple(members), tuple(_one_a_seed(members))) for members in found.values()]


def _one_a_seed(runs: Sequence[Summary]) -> list[Summary]:
    newest: dict[Any, Summary] = {}
    for run in sorted(runs, key=lambda run: run.order):
        newest[run.path if run.seed is None else run.seed] = run
    return list(newest.values())


def identity(run: Summary) -> str:
    """The keys of a config that matter, except for the seed, as one text.

    A key with the value `none` counts as missing.
    """
    kept = {
        key: settled(value)
        for key, value in run.config.items()
        if key not in LABELS and key != "seed" and value != "none"
    }
    return json.dumps([kept, run.monitor], sort_keys=True)


def settled(value: Any) -> Any:
    """A value so that equal ones look the same: 1.0 is 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return [settled(item) for item in value] if isinstance(value, list) else value


def in_words(value: Any) -> str:
    """A value of a config as a reader wants it: texts bare, numbers in at most six figures."""
    if isinstance(value, str):
        return value
    return f"{value:.6g}" if isinstance(value, float) else inline(value)


def differences(runs: Sequence[Summary], seeds: bool) -> tuple[list[str], list[str]]:
    """(keys that differ, keys that follow from these). seeds: whether the seed counts.

    A key follows when only some runs have it, its value is the same in all of them, and the part that brings
    it differs: if `activation` is elu or relu, `activation.alpha` says nothing more; of a regularizer that
    some runs lack, the first key says enough.
    """
    keys = dict.fromkeys(
        key for run in runs for key in run.config if key not in LABELS and (seeds or key != "seed")
    )
    differs: list[str] = []
    follows: list[str] = []
    lacking: dict[str, frozenset[int]] = {}
    for key in keys:
        values = [_mark(run.config.get(key, ABSENT)) for run in runs]
        if len(set(values)) < 2:
            continue
        lacking[key] = frozenset(i for i, run in enumerate(runs) if key not in run.config)
        dependent = lacking[key] and len(set(values)) == 2 and _brought(key, differs, lacking)
        (follows if dependent else differs).append(key)
    return differs, follows


def _brought(key: str, differs: Sequence[str], lacking: dict[str, frozenset[int]]) -> bool:
    parent = key.rpartition(".")[0]
    owners = (
        other
        for other in differs
        if key.startswith(f"{other}.") or (parent and other.rpartition(".")[0] == parent)
    )
    return any(not other.startswith("regularizers") or lacking[other] == lacking[key] for other in owners)


def _mark(value: Any) -> Any:
    """A value as something that can be put into a set; true is not 1 there, and `none` is no key at all."""
    if value is ABSENT or value == "none":
        return ABSENT
    if isinstance(value, str):
        return value
    return (
        (type(value) is bool, settled(value))
        if isinstance(value, int | float)
        else json.dumps(settled(value), sort_keys=True)
    )


def _epoch(run: Summary) -> float | None:
    epoch = run.best.get("epoch")
    return float(epoch) if isinstance(epoch, int) else None
