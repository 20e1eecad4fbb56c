"""Runs that were measured on different data, tasks or target scales are never ranked together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from helpers.fake_runs import make_run

from dnnlab.commands.compare.compare import Comparison, compare
from dnnlab.render.screens.compare import compare_lines

DIGITS: dict[str, Any] = {
    "name": "digits",
    "target": "index",
    "names": ["0", "1"],
    "rows": {"train": 60, "validation": 20, "test": 20},
    "taken_from": {"train": "train", "validation": "train", "test": "train"},
    "fingerprint": "aaaa",
}


def run_on(
    runs: Path, number: int, data: Mapping[str, Any], config: Mapping[str, Any] | None = None, **more: Any
) -> Path:
    """A run whose data.json says this; a higher number is a better run."""
    path = make_run(runs, (0.5, 0.5 + number / 100), config, number=number, **more)
    (path / "data.json").write_text(json.dumps({**DIGITS, **data}))
    return path


DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, str]]] = {
    "data": ({"name": "iris", "fingerprint": "bbbb"}, {}, {"data": "iris"}),
    "content": ({"fingerprint": "bbbb"}, {}, {"fingerprint": "bbbb"}),
    "split": ({}, {"data.split_seed": 1}, {"split_seed": "1"}),
    "share": ({}, {"data.test": 0.1}, {"test": "0.1"}),
    "rows": ({"rows": {"train": 60, "validation": 19}}, {}, {"validation rows": "19"}),
    "own part": ({"taken_from": {"train": "train", "validation": "validation"}}, {}, {"validation": "-"}),
    "task": ({"target": "multi"}, {}, {"task": "2 labels"}),
    "numbers": ({"target": "real", "names": ["price"]}, {}, {"task": "numbers"}),
    "classes": ({"names": ["0", "2"]}, {}, {"classes": '["0", "2"]'}),
    "target scale": ({}, {"data.target_scale": "standardize"}, {"target_scale": "standardize"}),
}
SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "training rows": ({"rows": {"train": 30, "validation": 20, "test": 20}}, {"data.limit": 30}),
    "scale": ({}, {"data.scale": "minmax"}),
    "augment": ({}, {"data.augment": ["flip"]}),
    "test rows": ({"rows": {"train": 60, "validation": 20}}, {}),
}
SPLIT = {"data.validation": 0.2, "data.test": 0.2, "data.split_seed": 0, "data.stratify": True}


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_was_measured_on_something_else_has_a_table_of_its_own(tmp_path: Path, name: str) -> None:
    data, config, told = DIFFERENT[name]
    mine = [run_on(tmp_path, number, {}, {**SPLIT, "optimizer.lr": number}) for number in (1, 2)]
    other = [run_on(tmp_path, number, data, {**SPLIT, **config, "seed": number}) for number in (3, 4, 5)]
    found = compare([], tmp_path)
    assert [{run.path for run in table.runs} for table in found.tables] == [set(other), set(mine)]
    assert found.tables[0].measured_on == told
    assert found.welch is None and [table.welch for table in found.tables] == [None, None]
    assert [table.groups[0].first.path for table in found.tables][1] == mine[1], "the best of its table"
    assert found.tables[1].differs == ("optimizer.lr",)


@pytest.mark.parametrize("name", SAME)
def test_what_was_measured_on_the_same_rows_is_ranked(tmp_path: Path, name: str) -> None:
    data, config = SAME[name]
    best = [
        run_on(tmp_path, number, *where) for number, where in ((1, ({}, SPLIT)), (2, (data, SPLIT | config)))
    ][1]
    found = compare([], tmp_path)
    assert found.tables == () and found.groups[0].first.path == best


def test_there_is_no_test_across_tables_and_one_inside(tmp_path: Path) -> None:
    for number in range(3):
        run_on(tmp_path, number, {}, {"seed": number})
        run_on(tmp_path, number + 10, {"fingerprint": "bbbb"}, {"seed": number, "activation": "elu"})
    found = compare([], tmp_path)
    assert [len(table.groups) for table in found.tables] == [1, 1] and found.welch is None
    assert not [line for line in compare_lines(found, 80, 80) if "Welch" in line]
    for number in range(3):
        run_on(tmp_path, number + 20, {}, {"seed": number, "activation": "tanh"})
    inside = compare([], tmp_path)
    assert (
        sorted(table.welch is not None for table in inside.tables) == [False, True] and inside.welch is None
    )


def both(tmp_path: Path) -> Comparison:
    """Two tables and a damaged run."""
    run_on(tmp_path, 1, {}, SPLIT)
    run_on(tmp_path, 2, {"name": "iris", "target": "real", "fingerprint": "bbbb"}, SPLIT, monitor="val_r2")
    (make_run(tmp_path, number=3) / "meta.json").write_text("{")
    return compare([], tmp_path, test=True)


def test_the_screen(tmp_path: Path) -> None:
    lines = compare_lines(both(tmp_path), 80, 80)
    assert lines[0] == " 3 runs in 2 tables, which are not comparable: data differs; 1,000 parameters;"
    assert " table 1: data iris; best epoch by val_r2" in lines
    assert " table 2: data digits; best epoch by val_accuracy" in lines
    rows = [line.split()[0] for line in lines if line[1:2].isdigit() and line[2:4] == "  "]
    assert rows == ["1", "1"], "each table has its own ranking"
    assert [line for line in lines if line.startswith(" damaged: …")] and max(map(len, lines)) <= 80


def test_the_json_face(tmp_path: Path) -> None:
    face = both(tmp_path).json()
    assert [run["table"] for run in face["runs"]] == [None, 1, 2]
    assert [group["table"] for group in face["groups"]] == [1, 2]
    assert [table["measured_on"] for table in face["tables"]] == [{"data": "iris"}, {"data": "digits"}]
    assert [table["monitor"] for table in face["tables"]] == ["val_r2", "val_accuracy"]
    assert [table["best"] for table in face["tables"]] == [table["runs"][0] for table in face["tables"]]


def test_rows_for_other_programs(tmp_path: Path) -> None:
    found = both(tmp_path)
    assert [row["table"] for row in found.rows] == [1, 2, None]
    assert "table" not in compare([], tmp_path, over_seeds=False).tables[0].rows[0]
