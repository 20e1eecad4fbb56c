"""Files that grow: read on from where reading stopped, from the start where they were cut back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dnnlab.rundir import GrowingView, RunFolder
from dnnlab.rundir.live_view import Tail

FILE = "steps.jsonl"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / FILE
    path.write_bytes(b'{"step": 1}\n{"step": 2}\n')
    return path


def steps(tail: Tail) -> list[int]:
    return [row["step"] for row in tail.rows]


def add(file: Path, text: bytes) -> None:
    with file.open("ab") as stream:
        stream.write(text)


def test_only_what_was_appended_is_read(file: Path) -> None:
    tail = Tail(file)
    assert tail.read()
    with file.open("r+b") as stream:
        stream.write(b"#" * 11)  # whoever read the first line again would meet damage
    add(file, b'{"step": 3}\n')
    assert tail.read()
    assert (steps(tail), tail.problem) == ([1, 2, 3], None)
    assert not tail.read()


def test_a_line_that_is_not_yet_whole_waits_for_its_end(file: Path) -> None:
    tail = Tail(file)
    add(file, b'{"st')
    tail.read()
    assert (steps(tail), tail.problem) == ([1, 2], "the last line is cut; 2 whole rows are used")
    add(file, b'ep": 3}\n')
    tail.read()
    assert (steps(tail), tail.problem) == ([1, 2, 3], None)


@pytest.mark.parametrize(
    "text", [b'{"step": 1}\n{"step": 7}\n{"step": 8}\n', b'{"step": 1}\n{"step": 9}\n', b'{"step": 1}\n', b""]
)
def test_a_file_that_was_cut_back_is_read_anew(file: Path, text: bytes) -> None:
    tail = Tail(file)
    tail.read()
    file.write_bytes(text)
    os.utime(file, ns=(1, 1))
    assert tail.read()
    assert tail.rows == [{"step": int(line[9:-1])} for line in text.splitlines()]


def test_damage_ends_the_rows(file: Path) -> None:
    tail = Tail(file)
    add(file, b'damage\n{"step": 4}\n')
    tail.read()
    add(file, b'{"step": 5}\n')
    tail.read()
    assert (steps(tail), tail.problem) == ([1, 2], "line 3 is damaged; 2 rows before it are used")


def test_a_file_that_is_not_there_yet_and_one_that_vanishes(tmp_path: Path) -> None:
    tail = Tail(tmp_path / FILE)
    assert not tail.read()
    tail.path.write_bytes(b'{"step": 1}\n')
    assert tail.read()
    tail.path.unlink()
    assert tail.read()
    assert tail.rows == []


def test_a_view_looks_again(folder: RunFolder) -> None:
    view = GrowingView(folder.path)
    assert (view.status, view.rows(FILE), view.written) == ("running", [], None)
    assert not view.look()
    folder.append(FILE, {"step": 1})
    assert view.look()
    assert view.rows(FILE) == [{"step": 1}]
    assert view.written == pytest.approx((folder.path / FILE).stat().st_mtime)
    folder.update_meta(status="done")
    assert view.look()
    assert view.status == "done"


def test_a_run_whose_process_has_gone_is_killed(folder: RunFolder) -> None:
    view = GrowingView(folder.path)
    folder.close()
    assert view.look()
    assert view.status == "killed"


def test_a_cut_line_is_a_problem_only_when_nobody_writes(folder: RunFolder) -> None:
    add(folder.path / FILE, b'{"step": 1}\n{"st')
    view = GrowingView(folder.path)
    assert (view.rows(FILE), view.problems) == ([{"step": 1}], [])
    folder.close()
    view.look()
    assert view.problems == ["steps.jsonl: the last line is cut; 1 whole rows are used"]
