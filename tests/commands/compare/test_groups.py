"""Which keys differ, which runs stand together, and their mean and deviation against NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.fake_runs import make_run, seeds

from dnnlab.commands.compare.groups import differences, grouped
from dnnlab.rundir.summary import Summary, summarize


def read(*paths: Path) -> list[Summary]:
    return [summarize(path) for path in paths]


def differing(
    tmp_path: Path, *configs: dict[str, Any], count_seeds: bool = False
) -> tuple[list[str], list[str]]:
    return differences(
        read(*(make_run(tmp_path, config=config, number=i) for i, config in enumerate(configs))), count_seeds
    )


def test_runs_that_differ_by_the_seed_alone_are_one_group(tmp_path: Path) -> None:
    best = [0.91, 0.95, 0.9, 0.96]
    groups = grouped(read(*seeds(tmp_path, best), *seeds(tmp_path, [0.5], {"activation": "elu"}, first=10)))
    assert [(len(group.runs), group.n) for group in groups] == [(4, 4), (1, 1)]
    assert groups[0].mean("val_accuracy") == pytest.approx(np.mean(best), rel=1e-12)
    assert groups[0].std("val_accuracy") == pytest.approx(np.std(best, ddof=1), rel=1e-12)
    assert (groups[0].mean("epoch"), groups[0].std("epoch")) == (2, 0)
    assert groups[1].std("val_accuracy") is None and groups[1].mean("nothing") is None


def test_labels_make_no_difference(tmp_path: Path) -> None:
    found = read(
        make_run(tmp_path, config={"tags": ["a"], "note": "first", "seed": 1}, number=1),
        make_run(tmp_path, config={"tags": [], "note": "second", "seed": 2}, number=2, name="other"),
    )
    assert len(grouped(found)) == 1
    assert differences(found, seeds=False) == ([], [])
    assert differences(found, seeds=True) == (["seed"], [])


def test_no_group_keeps_runs_apart(tmp_path: Path) -> None:
    assert [group.n for group in grouped(read(*seeds(tmp_path, [0.9, 0.8])), over_seeds=False)] == [1, 1]


@pytest.mark.parametrize(
    "status", ["running", "killed", "diverged", "interrupted", "failed", "out_of_memory", "terminated"]
)
def test_only_finished_runs_are_samples(tmp_path: Path, status: str) -> None:
    cut = make_run(tmp_path, config={"seed": 9}, number=9, status="running" if status == "killed" else status)
    groups = grouped(read(*seeds(tmp_path, [0.9, 0.8]), cut))
    assert [group.n for group in groups] == [2, 1]
    assert groups[1].first.status == ("killed" if status == "running" else status)


def test_a_repeated_seed_counts_once_and_the_newest(tmp_path: Path) -> None:
    older = make_run(tmp_path, (0.1, 0.2), number=1)
    newer = make_run(tmp_path, (0.1, 0.3), number=2)
    other = make_run(tmp_path, (0.1, 0.5), {"seed": 1}, number=3)
    group = grouped(read(newer, older, other))[0]
    assert (len(group.runs), group.n) == (3, 2)
    assert sorted(group.values("val_accuracy")) == [0.3, 0.5]


def test_only_keys_that_differ_are_named(tmp_path: Path) -> None:
    configs = [{"optimizer.lr": 0.1}, {"optimizer.lr": 0.01, "architecture.hidden": [300, 100]}]
    assert differing(tmp_path, *configs) == (["architecture.hidden", "optimizer.lr"], [])


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [(1, 1.0, True), (True, 1, False), ([1, 2], [1.0, 2.0], True), ([1, 2], [2, 1], False), ("1", 1, False)],
)
def test_values_are_compared_by_what_they_mean(tmp_path: Path, a: Any, b: Any, same: bool) -> None:
    assert (differing(tmp_path, {"x": a}, {"x": b})[0] == []) is same


def test_keys_of_a_part_follow_the_part(tmp_path: Path) -> None:
    elu = {"activation": "elu", "activation.alpha": 1.0}
    assert differing(tmp_path, elu, {"activation": "relu"}) == (["activation"], ["activation.alpha"])


def test_keys_of_a_part_count_where_they_differ_among_its_runs(tmp_path: Path) -> None:
    elu = [{"activation": "elu", "activation.alpha": alpha} for alpha in (1.0, 0.5)]
    assert differing(tmp_path, *elu, {"activation": "relu"}) == (["activation", "activation.alpha"], [])


def test_a_key_that_both_parts_have_counts(tmp_path: Path) -> None:
    configs = [
        {"optimizer": "sgd", "optimizer.lr": 0.1, "optimizer.momentum": 0.9},
        {"optimizer": "adam", "optimizer.lr": 0.001},
    ]
    assert differing(tmp_path, *configs) == (["optimizer", "optimizer.lr"], ["optimizer.momentum"])


def test_none_is_no_difference_to_a_key_that_an_older_dnnlab_did_not_know(tmp_path: Path) -> None:
    assert differing(tmp_path, {"data.balance": "none"}, {}) == ([], [])
    found = read(
        make_run(tmp_path / "x", config={"data.balance": "none", "seed": 1}, number=1),
        make_run(tmp_path / "x", number=2),
    )
    assert len(grouped(found)) == 1


def test_a_key_that_is_none_in_some_runs_is_shown(tmp_path: Path) -> None:
    configs = [
        {"schedule": "one_cycle", "schedule.warmup": "5 epochs"},
        {"schedule": "constant", "schedule.warmup": "none"},
    ]
    assert differing(tmp_path, *configs) == (["schedule", "schedule.warmup"], [])


def test_of_a_regularizer_that_some_lack_the_first_key_speaks(tmp_path: Path) -> None:
    dropout = {"regularizers.dropout.rate": 0.2, "regularizers.dropout.input_rate": 0.0}
    l2 = {"regularizers.l2.strength": 1e-4}
    assert differing(tmp_path, dropout, l2, {}) == (
        ["regularizers.dropout.rate", "regularizers.l2.strength"],
        ["regularizers.dropout.input_rate"],
    )
