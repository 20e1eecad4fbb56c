"""Removing: what goes, what stays and why; nothing that is no run is ever touched."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from helpers.fake_runs import contents, make_run

from dnnlab.commands.runs.filters import Filters
from dnnlab.commands.runs.remove import Plan, carry_out, check, plan
from dnnlab.errors import DnnlabError
from dnnlab.rundir import list_runs
from dnnlab.rundir.lock import acquire


def refusal(*arguments: Any) -> str:
    with pytest.raises(DnnlabError) as error:
        check(plan(*arguments))
    assert error.value.exit_code == 2
    return str(error.value)


def names(found: Plan) -> list[str]:
    return [run.path.name for run, _ in found.go]


def test_a_named_run_goes_as_a_whole_and_the_others_stay(tmp_path: Path) -> None:
    first, second = make_run(tmp_path, number=1), make_run(tmp_path, number=2)
    (first / "checkpoints" / "x").mkdir(parents=True)
    (first / "checkpoints" / "x" / "model.safetensors").write_bytes(b"x" * 1000)
    size = sum(path.stat().st_size for path in first.rglob("*") if path.is_file())
    before = contents(second)
    found = plan([first.name], tmp_path)
    assert first.exists() and found.bytes == size
    assert carry_out(found) == {"removed": [str(first)], "stayed": [], "bytes": size}
    assert os.listdir(tmp_path) == [second.name]
    assert contents(second) == before


def test_filters_choose(tmp_path: Path) -> None:
    runs = [make_run(tmp_path, number=i, status="failed" if i % 2 else "done") for i in range(6)]
    found = plan([], tmp_path, Filters(status=("failed",)))
    assert names(found) == [runs[i].name for i in (5, 3, 1)]
    carry_out(found)
    assert [path.name for path in list_runs(tmp_path)] == [runs[i].name for i in (4, 2, 0)]


def test_nothing_named_is_not_everything(tmp_path: Path) -> None:
    make_run(tmp_path)
    assert "got nothing to remove" in refusal([], tmp_path)
    assert "got nothing to remove" in refusal([], tmp_path, Filters(sort="created"))


def test_a_running_run_stays_and_with_it_all_that_were_named(tmp_path: Path) -> None:
    alive, other = make_run(tmp_path, number=1, status="running"), make_run(tmp_path, number=2)
    held = acquire(alive)
    assert f"{alive.name} stays: it is running" in refusal([alive.name, other.name], tmp_path)
    filtered = plan([], tmp_path, Filters(since="2020-01-01"))
    assert (names(filtered), [why for _, why in filtered.stay]) == ([other.name], ["it is running"])
    check(filtered)
    with pytest.raises(DnnlabError, match="held by pid"):
        carry_out(Plan(((filtered.stay[0][0], 1),), (), True))
    assert alive.exists()
    held.release()
    assert names(plan([alive.name], tmp_path)) == [alive.name]


@pytest.mark.parametrize("way", ["sources", "config", "piece", "relative"])
def test_a_run_that_another_was_made_from_stays(tmp_path: Path, way: str) -> None:
    source = make_run(tmp_path, number=1)
    changes: dict[str, Any] = {
        "sources": {"sources": [{"path": str(source / "config.yaml"), "file": "sources/00-config.yaml"}]},
        "config": {"config": {"reuse.run": str(source)}},
        "piece": {"config": {"reuse.run": source.name[-6:]}},
        "relative": {"config": {"reuse.run": f"./{source.name}/checkpoints"}},
    }[way]
    user = make_run(tmp_path, number=2, **changes)
    assert f"{source.name} stays: {user.name} was made from it" in refusal([source.name], tmp_path)
    assert names(plan([user.name], tmp_path)) == [user.name]
    assert len(plan([user.name, source.name], tmp_path).go) == 2


def test_ordinary_words_of_a_config_protect_nothing(tmp_path: Path) -> None:
    source = make_run(tmp_path, folder="adam")
    make_run(tmp_path, number=2)
    assert names(plan([str(source)], tmp_path)) == ["adam"]


def test_what_is_no_run_is_never_removed(tmp_path: Path) -> None:
    make_run(tmp_path / "runs")
    foreign = tmp_path / "lightning_logs"
    (foreign / "version_0").mkdir(parents=True)
    (foreign / "version_0" / "hparams.yaml").touch()
    assert "holds no runs of dnnlab; it holds version_0" in refusal([str(foreign)], tmp_path / "runs")
    (foreign / "meta.json").write_text('{"owner": "another tool"}')
    assert "nothing shows that dnnlab made it" in refusal([str(foreign)], tmp_path / "runs")
    assert "is a folder of runs, not a run" in refusal([str(tmp_path / "runs")], tmp_path / "runs")
    assert (foreign / "version_0" / "hparams.yaml").exists()


def test_a_damaged_run_can_be_removed(tmp_path: Path) -> None:
    path = make_run(tmp_path)
    (path / "meta.json").write_text("{")
    carry_out(plan([], tmp_path, Filters(status=("damaged",))))
    assert os.listdir(tmp_path) == []


def test_links_and_folders_with_runs_in_them_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_run(tmp_path / "elsewhere")
    (tmp_path / "runs").mkdir()
    link = tmp_path / "runs" / path.name
    link.symlink_to(path)
    assert "a link to another place" in refusal([str(link)], tmp_path / "runs")
    outer = make_run(tmp_path / "runs", number=5)
    make_run(outer, number=6)
    assert "it holds other runs" in refusal([outer.name], tmp_path / "runs")
    monkeypatch.chdir(path)
    assert "you are in it" in refusal([str(path)], tmp_path / "runs")


def test_links_inside_a_run_are_not_followed(tmp_path: Path) -> None:
    keep = tmp_path / "keep.txt"
    keep.write_text("mine")
    path = make_run(tmp_path / "runs")
    (path / "link").symlink_to(tmp_path, target_is_directory=True)
    carry_out(plan([path.name], tmp_path / "runs"))
    assert keep.read_text() == "mine"


def test_a_removal_that_is_cut_short_leaves_no_half_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_run(tmp_path)
    found = plan([path.name], tmp_path)

    def cut(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", cut)
    with pytest.raises(KeyboardInterrupt):
        carry_out(found)
    assert list_runs(tmp_path) == []
