"""One run in short: where its numbers come from, and which damage is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.fake_runs import change_meta, make_run

from dnnlab.rundir.json_values import number
from dnnlab.rundir.lock import acquire
from dnnlab.rundir.summary import Summary, summarize


def test_a_finished_run_is_read_from_meta(tmp_path: Path) -> None:
    run = summarize(make_run(tmp_path, (0.5, 0.9, 0.7), {"seed": 4, "tags": ["x"]}, number=5))
    assert (run.status, run.name, run.seed, run.tags, run.parameters) == ("done", "digits", 4, ("x",), 1000)
    assert (run.best["epoch"], run.measure("val_accuracy"), run.last["epoch"], run.seconds) == (
        2,
        0.9,
        3,
        6.0,
    )
    assert (run.monitor, run.better, run.problem, run.seconds_per_epoch) == ("val_accuracy", "max", None, 2.0)


@pytest.mark.parametrize(
    ("better", "values", "epoch"),
    [("max", (0.5, 0.9, 0.9), 2), ("min", (0.5, 0.2, 0.9), 2), ("max", (None, None), None)],
)
def test_the_best_epoch_of_a_running_or_killed_run_is_found_in_its_rows(
    tmp_path: Path, better: str, values: Any, epoch: int | None
) -> None:
    path = make_run(tmp_path, values, status="running", better=better)
    assert summarize(path).status == "killed"
    held = acquire(path)
    run = summarize(path, rows=False)
    held.release()
    assert run.status == "running"
    assert run.best.get("epoch") == epoch
    assert (run.last["epoch"], run.seconds) == (len(values), 2.0 * len(values))


def test_seconds_an_epoch_are_a_median(tmp_path: Path) -> None:
    path = make_run(tmp_path)
    rows = [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]
    for row, seconds in zip(rows, (10.0, 11.0, 13.0), strict=True):
        row["seconds"] = seconds
    (path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert summarize(path).seconds_per_epoch == 2.0


def problem(path: Path) -> str:
    run: Summary = summarize(path)
    assert run.status == "damaged" and run.problem is not None
    return run.problem


def test_damage_is_named(tmp_path: Path) -> None:
    cut = make_run(tmp_path, number=1)
    (cut / "metrics.jsonl").write_bytes((cut / "metrics.jsonl").read_bytes()[:-5])
    assert problem(cut) == "metrics.jsonl: the last line is cut"
    torn = make_run(tmp_path, number=2)
    (torn / "metrics.jsonl").write_text('{"epoch": 1}\n{"epo\n{"epoch": 3}\n')
    assert problem(torn) == "metrics.jsonl: line 2 is damaged"
    gone = make_run(tmp_path, number=3)
    (gone / "meta.json").unlink()
    assert problem(gone) == "meta.json is missing"
    assert summarize(gone).name == "digits"
    text = make_run(tmp_path, number=4)
    (text / "meta.json").write_text("not json")
    assert problem(text).startswith("meta.json is damaged: ")
    newer = make_run(tmp_path, number=5, format=2)
    assert problem(newer) == "meta.json: format 2; this dnnlab reads 1"
    foreign = tmp_path / "other-tool"
    foreign.mkdir()
    (foreign / "meta.json").write_text('{"run": 3}')
    assert problem(foreign) == "meta.json is not dnnlab's (it has no format)"


def test_lines_that_are_missing_as_a_whole_are_found(tmp_path: Path) -> None:
    path = make_run(tmp_path, (0.5, 0.9, 0.7))
    lines = (path / "metrics.jsonl").read_text().splitlines(keepends=True)
    (path / "metrics.jsonl").write_text("".join(lines[:2]))
    assert problem(path) == "metrics.jsonl ends with epoch 2, meta.json with 3"
    (path / "metrics.jsonl").unlink()
    assert problem(path) == "metrics.jsonl ends with epoch 0, meta.json with 3"


def test_a_contradiction_is_found(tmp_path: Path) -> None:
    path = make_run(tmp_path, (0.5, 0.9, 0.7))
    (path / "metrics.jsonl").write_text((path / "metrics.jsonl").read_text().replace("0.9", "0.8"))
    assert problem(path) == "meta.json and metrics.jsonl disagree about val_accuracy at epoch 2"
    change_meta(path, best={"epoch": 17, "metrics": {}})
    assert problem(path) == "metrics.jsonl has no row for the best epoch that meta.json names (17)"


def test_a_torn_last_line_of_a_killed_run_is_no_damage(tmp_path: Path) -> None:
    path = make_run(tmp_path, status="running")
    (path / "metrics.jsonl").write_bytes((path / "metrics.jsonl").read_bytes()[:-5])
    run = summarize(path)
    assert (run.status, run.last["epoch"], run.problem) == ("killed", 2, None)


@pytest.mark.parametrize("key", ["config", "best", "last", "tags", "name", "monitor", "better"])
@pytest.mark.parametrize("value", [3, [[]], {"a": {}}, "text"])
def test_values_of_another_kind_break_nothing(tmp_path: Path, key: str, value: Any) -> None:
    path = make_run(tmp_path)
    change_meta(path, **{key: value})
    run = summarize(path)
    if run.problem is None:
        assert isinstance(value, str) or (key, value) in [
            ("tags", [[]]),
            ("config", {"a": {}}),
            ("best", {"a": {}}),
        ]
    else:
        assert key in run.problem or "metrics.jsonl" in run.problem


@pytest.mark.parametrize("key", ["parameters", "seed", "seconds", "created", "sources", "folder"])
@pytest.mark.parametrize("value", [None, "text", [3], {"total": "x"}, -1, True])
def test_odd_values_beside_break_nothing(tmp_path: Path, key: str, value: Any) -> None:
    path = make_run(tmp_path)
    change_meta(path, **{key: value})
    run = summarize(path)
    assert run.problem is None and run.measure("val_accuracy") == 0.7


@pytest.mark.parametrize("value", [None, True, "0.5", [1], float("nan"), float("inf"), 10**400, -(10**400)])
def test_what_is_no_number_is_none(value: Any) -> None:
    assert number(value) is None


def test_numbers_stay() -> None:
    assert [number(value) for value in (0, 1.5, -3)] == [0.0, 1.5, -3.0]
