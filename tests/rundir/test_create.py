"""New run folders, whole files, names."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from dnnlab.errors import StorageError
from dnnlab.rundir import RunFolder, create, list_runs, read_run
from dnnlab.rundir.names import slug

Start = Callable[..., "subprocess.Popen[str]"]


def test_create_makes_the_named_folder_below_new_parents(tmp_path: Path) -> None:
    with create(tmp_path / "a" / "runs", "digits-mlp") as folder:
        assert folder.path.parent == tmp_path / "a" / "runs"
        assert re.fullmatch(r"\d{8}-\d{6}-digits-mlp-[0-9a-f]{6}", folder.path.name)
        meta = json.loads((folder.path / "meta.json").read_text())
    assert (meta["format"], meta["status"], meta["name"]) == (1, "running", "digits-mlp")


def test_a_link_to_nowhere_is_named(tmp_path: Path) -> None:
    """The disk behind the runs folder is not mounted: neither an empty list nor a folder in its place."""
    (tmp_path / "runs").symlink_to("/disk/that/is/not/there")
    for below in ("runs", "runs/mine"):
        for look in (list_runs, lambda path: create(path, "x")):
            with pytest.raises(StorageError) as caught:
                look(tmp_path / below)
            assert str(caught.value) == (
                f"{tmp_path / 'runs'}: a link to /disk/that/is/not/there, which is not there; "
                "expected a folder for runs; make that folder or mount its disk, "
                "or choose another folder with --runs-dir"
            )
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("a/b\\c:d*e?f", "a-b-c-d-e-f"),
        ("", "run"),
        ("...", "run"),
        ("\x00\n\t", "run"),
        ("Größe é", "Gro-e-e"),
        ("\U0001f600", "run"),
        ("-rf", "rf"),
        ("x" * 500, "x" * 60),
        ("v1.0_a-b", "v1.0_a-b"),
    ],
)
def test_hostile_names_become_safe_and_stay_inside(runs: Path, name: str, safe: str) -> None:
    assert slug(name) == safe
    with create(runs, name) as folder:
        assert folder.path.parent == runs
        assert folder.path.name[16:-7] == safe
    assert list_runs(runs) == [folder.path]


def test_sixteen_in_the_same_second_from_four_processes(runs: Path, python: Start) -> None:
    code = (
        "import sys; from pathlib import Path; from dnnlab.rundir import create; sys.stdin.readline()\n"
        "for _ in range(4): print(create(Path(sys.argv[1]), 'same').path)"
    )
    workers = [python(code, runs) for _ in range(4)]
    answers = [worker.communicate("go\n", timeout=30) for worker in workers]
    paths = [line for out, _ in answers for line in out.splitlines()]
    assert [err for _, err in answers] == [""] * 4
    assert len(set(paths)) == 16 and len(list_runs(runs)) == 16


def test_a_name_that_is_taken_is_not_used_again(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = iter(["000000", "000000", "bbbbbb"])
    monkeypatch.setattr("dnnlab.rundir.lifecycle.token_hex", lambda _: next(words))
    monkeypatch.setattr("dnnlab.rundir.lifecycle.datetime", Frozen)
    with create(runs, "x") as first, create(runs, "x") as second:
        assert (first.path.name[-6:], second.path.name[-6:]) == ("000000", "bbbbbb")


class Frozen:
    """A clock that stands still."""

    @staticmethod
    def now() -> object:
        from datetime import datetime

        return datetime(2026, 11, 22, 4, 18, 33)


def test_a_runs_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as caught:
        create(tmp_path / "file" / "runs", "x")
    text = str(caught.value)
    assert str(tmp_path / "file" / "runs") in text and "Not a directory" in text and "--runs-dir" in text
    assert caught.value.exit_code == 5


def test_nothing_stays_behind_when_create_fails(tmp_path: Path, python: Start) -> None:
    code = (
        "import resource, sys; from pathlib import Path; from dnnlab.rundir import create\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "try: create(Path(sys.argv[1]) / 'a' / 'runs', 'x')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    out, err = python(code, tmp_path).communicate(timeout=30)
    assert err == ""
    assert out.startswith("StorageError") and "File too large" in out and "--runs-dir" in out
    assert list(tmp_path.iterdir()) == []


def test_whole_files_are_replaced_and_no_temporary_name_stays(folder: RunFolder) -> None:
    folder.write_text("sources/deep/base.yaml", "a: 1\n")
    folder.write_text("sources/deep/base.yaml", "a: Größe\n")
    folder.write_json("data.json", {"mean": float("nan"), "path": Path("x/y"), "n": 2})
    folder.write_tensors("data.safetensors", {"mean": torch.ones(3), "same": torch.ones(6)[::2]})
    view = read_run(folder.path)
    assert view.text("sources/deep/base.yaml") == "a: Größe\n"
    assert view.json("data.json") == {"mean": None, "path": os.path.join("x", "y"), "n": 2}
    tensors = view.tensors("data.safetensors")
    assert tensors is not None and tensors["same"].tolist() == [1, 1, 1]
    assert [path for path in folder.path.rglob("*") if path.name.endswith(".tmp")] == []


def test_a_failed_write_leaves_the_old_file_and_no_temporary_one(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write_text("resolved.yaml", "old")

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dnnlab.rundir.atomic.sync_file", full)
    with pytest.raises(
        StorageError,
        match=r"resolved\.yaml: cannot write: No space left on device; .*; free space on that disk",
    ):
        folder.write_text("resolved.yaml", "new")
    assert (folder.path / "resolved.yaml").read_text() == "old"
    assert sorted(path.name for path in folder.path.iterdir()) == ["lock", "meta.json", "resolved.yaml"]


@pytest.mark.parametrize("relative", ["../x.txt", "sources/../../x.txt", "/etc/x"])
def test_files_stay_inside_the_folder(folder: RunFolder, relative: str) -> None:
    with pytest.raises(ValueError, match="leaves the run folder"):
        folder.write_text(relative, "")


def test_update_meta_merges_and_keeps_the_format(folder: RunFolder) -> None:
    folder.update_meta(seed=3, best={"epoch": 1, "value": float("nan")})
    meta = folder.update_meta(status="done", format=7)
    assert (meta["format"], meta["seed"], meta["status"], meta["name"]) == (1, 3, "done", "digits")
    assert read_run(folder.path).meta["best"] == {"epoch": 1, "value": None}


def test_update_meta_begins_anew_where_the_file_is_damaged(folder: RunFolder) -> None:
    (folder.path / "meta.json").write_text('{"format": 1, "sta')
    assert folder.update_meta(status="done") == {"format": 1, "status": "done"}
    assert "meta.json is damaged" in folder.notes[0]


def test_after_close_nothing_is_written(folder: RunFolder) -> None:
    folder.append("steps.jsonl", {"step": 1})
    folder.close()
    folder.close()
    with pytest.raises(ValueError, match="is closed"):
        folder.append("steps.jsonl", {})
    with pytest.raises(ValueError, match="is closed"):
        folder.write_text("a", "")
    with pytest.raises(ValueError, match="is closed"):
        folder.truncate({})


def test_importing_and_reading_need_no_torch(folder: RunFolder) -> None:
    folder.append("metrics.jsonl", {"epoch": 1})
    code = (
        "import sys; from pathlib import Path; import dnnlab.rundir as r\n"
        "view = r.read_run(r.find_run('last', Path(sys.argv[1]).parent)); "
        "assert view.rows('metrics.jsonl') == [{'epoch': 1}]\n"
        "r.create(Path(sys.argv[1]).parent, 'x').append('a.jsonl', {'a': float('nan')})\n"
        "print([name for name in ('torch', 'safetensors', 'numpy') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, folder.path], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
