"""The list of runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from helpers.fake_runs import contents, make_run

from dnnlab.commands.runs.filters import Filters
from dnnlab.commands.runs.list import face, flat, runs
from dnnlab.errors import DnnlabError
from dnnlab.rundir.lock import acquire


def test_newest_first_with_the_monitor_at_the_best_epoch(tmp_path: Path) -> None:
    make_run(tmp_path, number=5)
    make_run(tmp_path, (0.3, 0.8), {"tags": ["x", "y"], "seed": 7}, number=9)
    make_run(tmp_path, number=7, status="diverged")
    found, total = runs(tmp_path)
    assert total == 3
    assert [run.path.name[9:15] for run in found] == ["000900", "000700", "000500"]
    first = face(found[0])
    assert (first["status"], first["epochs"], first["monitor"], first["value"], first["seed"]) == (
        "done",
        2,
        "val_accuracy",
        0.8,
        7,
    )
    assert (flat(found[0])["tags"], flat(found[0])["best"]) == ("x y", 2)


def test_the_filters_are_those_of_compare(tmp_path: Path) -> None:
    for i, lr in enumerate((0.1, 0.2, 0.3)):
        make_run(tmp_path, config={"optimizer.lr": lr}, number=i)
    found, total = runs(tmp_path, Filters(where=("optimizer.lr>0.15",), limit=1))
    assert ([run.config["optimizer.lr"] for run in found], total) == ([0.3], 3)


def test_running_killed_and_damaged_are_told_apart(tmp_path: Path) -> None:
    alive = make_run(tmp_path, number=3, status="running")
    make_run(tmp_path, number=2, status="running")
    (make_run(tmp_path, number=1) / "meta.json").write_text("")
    held = acquire(alive)
    found, _ = runs(tmp_path)
    held.release()
    assert [run.status for run in found] == ["running", "killed", "damaged"]
    assert [run.last.get("epoch") for run in found] == [3, 3, None]


def test_a_file_is_no_folder_of_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(
        DnnlabError, match="file is a file; expected a folder of runs; name another one with --runs-dir"
    ):
        runs(tmp_path / "file")


def test_no_folder_and_an_empty_folder_hold_no_runs(tmp_path: Path) -> None:
    assert runs(tmp_path / "nowhere") == ([], 0)
    assert runs(tmp_path) == ([], 0)


def test_a_runs_folder_of_another_tool_is_said_to_be_one(tmp_path: Path) -> None:
    for name in ("version_0", "version_1", "hparams.yaml", "events"):
        (tmp_path / name).mkdir()
    with pytest.raises(
        DnnlabError,
        match=r"holds no runs of dnnlab; it holds events, hparams\.yaml, version_0 \.\.\.; .*--runs-dir",
    ):
        runs(tmp_path)


def test_reading_changes_nothing(tmp_path: Path) -> None:
    make_run(tmp_path, number=1)
    make_run(tmp_path, number=2, status="running")
    os.utime(tmp_path, (1, 1))
    before = contents(tmp_path)
    runs(tmp_path)
    assert contents(tmp_path) == before
