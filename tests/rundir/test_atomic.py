"""New files beside a run's own: whole, never over another one, without lock or meta.json."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from dnnlab.errors import StorageError
from dnnlab.rundir import add_file, create, write_new


def test_a_file_is_added_while_somebody_trains(tmp_path: Path) -> None:
    with create(tmp_path, "x") as folder:
        before = (folder.path / "meta.json").read_bytes()
        path = add_file(folder.path, "evaluations/a.json", "{}\n")
        assert path.read_text() == "{}\n" and (folder.path / "meta.json").read_bytes() == before
        folder.log("still writing")
    assert sorted(p.name for p in path.parent.iterdir()) == ["a.json"], "no temporary file stays"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    add_file(tmp_path, "e/a.json", "old")
    with pytest.raises(FileExistsError, match=r"a\.json is there already"):
        add_file(tmp_path, "e/a.json", "new")
    assert (tmp_path / "e/a.json").read_text() == "old"
    assert len(list((tmp_path / "e").iterdir())) == 1


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write_new(tmp_path / "a", b"one")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one" and len(list(tmp_path.iterdir())) == 1


def test_a_file_where_the_folder_belongs(tmp_path: Path) -> None:
    (tmp_path / "evaluations").write_text("somebody's notes")
    with pytest.raises(StorageError, match="cannot write"):
        add_file(tmp_path, "evaluations/a.json", "{}")


@pytest.mark.parametrize("relative", ["../a", "/a", "evaluations/../../a"])
def test_the_run_is_not_left(relative: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leaves the run folder"):
        add_file(tmp_path, relative, "x")
