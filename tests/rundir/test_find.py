"""RUN: path, name, unique piece, last, last~2."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dnnlab.errors import RunError
from dnnlab.rundir import create, find_run, list_runs

NAMES = [
    "20261120-100000-digits-mlp-aaaaaa",
    "20261121-100000-digits-cnn-bbbbbb",
    "20261122-100000-moons-cccccc",
]


@pytest.fixture
def three(runs: Path) -> Path:
    """Three old runs, known by their names only, and things that are no runs."""
    for name in NAMES:
        (runs / name).mkdir(parents=True)
    (runs / "notes").mkdir()
    (runs / ".gitignore").write_text("*")
    return runs


def refusal(text: str, runs: Path) -> tuple[str, str]:
    with pytest.raises(RunError) as caught:
        find_run(text, runs)
    assert caught.value.exit_code == 2
    return str(caught.value), caught.value.problems[0].code


def test_newest_first_and_others_left_out(three: Path) -> None:
    assert [path.name for path in list_runs(three)] == NAMES[::-1]


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("last", 2),
        ("last~0", 2),
        ("last~2", 0),
        (NAMES[1], 1),
        ("cnn", 1),
        ("aaaaaa", 0),
        ("20261122", 2),
        ("mlp-aa", 0),
    ],
)
def test_what_is_found(three: Path, text: str, index: int) -> None:
    assert find_run(text, three) == three / NAMES[index]


def test_a_path_is_found_wherever_it_is(three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_run(str(three / NAMES[0]), tmp_path / "elsewhere") == three / NAMES[0]
    monkeypatch.chdir(three.parent)
    assert find_run(f"runs/{NAMES[0]}", tmp_path / "elsewhere") == Path("runs") / NAMES[0]
    (three / "renamed").mkdir()
    (three / "renamed" / "meta.json").write_text("damaged")
    assert find_run("renamed", three) == three / "renamed"


def test_a_folder_here_that_is_no_run_does_not_hide_a_piece(
    three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("moons").mkdir()
    assert find_run("moons", three) == three / NAMES[2]


def test_a_whole_name_wins_over_a_piece(three: Path) -> None:
    longer = three / (NAMES[0] + "-copy")
    longer.mkdir()
    (longer / "meta.json").write_text("{}")
    assert find_run(NAMES[0], three) == three / NAMES[0]


def test_several_are_listed(three: Path) -> None:
    text, code = refusal("digits", three)
    assert (
        text
        == f"'digits' matches 2 runs: {NAMES[1]}, {NAMES[0]}; expected one run; type a longer piece, or last"
    )
    assert code == "ambiguous_run"


def test_many_are_counted(runs: Path) -> None:
    for index in range(13):
        (runs / f"20261122-1000{index:02d}-x-{index:06x}").mkdir(parents=True)
    assert refusal("-x-", runs)[0].count("20261122-") == 10
    assert "and 3 more" in refusal("-x-", runs)[0]


def test_none_offers_the_nearest(three: Path) -> None:
    text, code = refusal("mooms", three)
    assert "no run in" in text and "'mooms'" in text and f"nearest: {NAMES[2]}" in text and "last~2" in text
    assert code == "no_run"
    assert "dnnlab runs" in refusal("zzzzzzzzzzzz", three)[0]
    assert "no run" in refusal("", three)[0]


def test_too_far_back(three: Path) -> None:
    text, _ = refusal("last~3", three)
    assert "holds only 3 runs" in text and "the oldest is last~2" in text


@pytest.mark.parametrize("text", ["last", "digits"])
def test_no_runs_yet(runs: Path, text: str) -> None:
    words, code = refusal(text, runs)
    assert f"there are no runs in {runs} yet" in words and "dnnlab train" in words
    assert code == "no_runs"


def test_a_path_that_is_not_there_or_no_run(three: Path) -> None:
    assert "does not exist" in refusal("runs/nowhere", three)[0]
    assert "is no run folder" in refusal(str(three / "notes"), three)[0]


@pytest.mark.parametrize("text", ["x" * 5000, "\x00", "~nobody-of-that-name", "last~", "last~-1", "*", "["])
def test_odd_texts_are_refused_calmly(three: Path, text: str) -> None:
    assert refusal(text, three)[1] == "no_run"


def test_age_is_told_by_meta_then_by_the_name_then_by_the_folder(runs: Path) -> None:
    with create(runs, "b") as first, create(runs, "a") as second, create(runs, "c") as third:
        assert list_runs(runs) == [third.path, second.path, first.path]
    renamed = first.path.rename(runs / "my-best")
    assert list_runs(runs)[-1] == renamed
    (third.path / "meta.json").write_text(json.dumps({"created": "2020-01-01T00:00:00+00:00"}))
    assert list_runs(runs)[-1] == third.path
    (renamed / "meta.json").write_text("damaged")
    os.utime(renamed, (1, 1))
    assert list_runs(runs)[-1] == renamed
