"""One writer a run; a dead one is taken over."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dnnlab.errors import RunError, StorageError
from dnnlab.rundir import RunFolder, create, is_locked, read_run, reopen

Start = Callable[..., "subprocess.Popen[str]"]
HOLD = """
import sys
from pathlib import Path
from dnnlab.rundir import create
folder = create(Path(sys.argv[1]), "held")
print(folder.path, flush=True)
sys.stdin.read()
"""


def hold(python: Start, runs: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that holds a new run until its stdin ends."""
    process = python(HOLD, runs)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_live_owner_is_named_and_a_dead_one_taken_over(runs: Path, python: Start) -> None:
    process, path = hold(python, runs)
    assert is_locked(path) and read_run(path).status == "running"
    with pytest.raises(RunError) as caught:
        reopen(path)
    text = str(caught.value)
    assert (
        f"held by pid {process.pid} on " in text
        and "since 20" in text
        and "one process at a time" in text
        and "wait" in text
    )
    assert caught.value.problems[0].code == "locked"
    process.kill()
    process.communicate(timeout=10)
    assert not is_locked(path)
    assert read_run(path).status == "killed"
    with reopen(path) as folder:
        assert folder.notes[0].startswith(f"taken over from pid {process.pid} on ") and folder.notes[
            0
        ].endswith("which is gone")
        assert read_run(path).status == "running"


def test_a_finished_run_is_reopened_without_a_note(folder: RunFolder) -> None:
    folder.update_meta(status="done")
    folder.close()
    with reopen(folder.path) as again:
        assert again.notes == []


def test_the_same_process_cannot_hold_a_run_twice(folder: RunFolder) -> None:
    with pytest.raises(RunError, match=f"held by pid {os.getpid()} "):
        reopen(folder.path)
    folder.append("steps.jsonl", {"step": 1})  # the refusal has not hurt the owner
    assert is_locked(folder.path)


def test_a_lock_file_that_is_damaged_still_refuses_and_still_is_taken_over(folder: RunFolder) -> None:
    (folder.path / "lock").write_text('{"ho')
    with pytest.raises(RunError, match="held by an unknown process"):
        reopen(folder.path)
    folder.close()
    with reopen(folder.path) as again:
        assert again.notes == []


def test_looking_creates_no_lock_file(folder: RunFolder) -> None:
    folder.close()
    (folder.path / "lock").unlink()
    assert not is_locked(folder.path)
    assert read_run(folder.path).status == "killed"
    assert not (folder.path / "lock").exists()


def test_reopen_waits_out_a_reader_that_looks_for_an_instant(folder: RunFolder) -> None:
    import fcntl

    folder.close()
    handle = os.open(folder.path / "lock", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_SH)
    timer = threading.Timer(0.1, os.close, [handle])
    timer.start()
    started = time.monotonic()
    with reopen(folder.path):
        assert time.monotonic() - started >= 0.05
    timer.join()


def _sleep(ready: object) -> None:
    ready.set()  # type: ignore[attr-defined]
    time.sleep(30)


def test_a_forked_child_does_not_keep_the_lock_of_its_parent(runs: Path) -> None:
    context = multiprocessing.get_context("fork")
    folder, ready = create(runs, "x"), context.Event()
    child = context.Process(target=_sleep, args=(ready,), daemon=True)
    child.start()
    assert ready.wait(10)
    assert is_locked(folder.path)  # the child closed its copy only
    folder.close()
    assert child.is_alive() and not is_locked(folder.path)
    child.kill()
    child.join()


def test_what_is_no_run_is_not_reopened_and_nothing_is_made_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone"):
        with pytest.raises(RunError, match="this is no run folder"):
            reopen(path)
    assert list(tmp_path.iterdir()) == []


def test_reopen_clears_temporary_files_of_a_killed_writer(folder: RunFolder) -> None:
    folder.write_text("sources/a.yaml", "")
    folder.close()
    (folder.path / "sources" / ".a.yaml.012345.tmp").write_text("half")
    (folder.path / ".meta.json.012345.tmp").write_text("half")
    with reopen(folder.path):
        assert sorted(path.name for path in folder.path.rglob("*")) == [
            "a.yaml",
            "lock",
            "meta.json",
            "sources",
        ]


def test_a_run_of_another_format_is_refused_and_let_go(folder: RunFolder) -> None:
    (folder.path / "meta.json").write_text('{"format": 2, "status": "done"}')
    folder.close()
    with pytest.raises(RunError, match=r"meta\.json has format 2; this dnnlab writes format 1"):
        reopen(folder.path)
    assert not is_locked(folder.path)


@pytest.mark.parametrize("again", [False, True], ids=["removed", "removed and made again"])
def test_a_folder_that_is_removed_is_not_written_any_more(tmp_path: Path, again: bool) -> None:
    folder = create(tmp_path / "runs", "x")
    folder.append("metrics.jsonl", {"epoch": 1})
    shutil.rmtree(folder.path)
    if again:
        folder.path.mkdir()
        (folder.path / "lock").touch()
    for write in (
        lambda: folder.write_json("verdicts.json", {}),
        lambda: folder.append("steps.jsonl", {"step": 1}),
        lambda: folder.update_meta(status="done"),
    ):
        with pytest.raises(StorageError) as caught:
            write()
        assert str(caught.value) == (
            f"{folder.path}: the run folder was removed while the run was written; expected it to stay; "
            "train it again"
        )
    assert folder.path.exists() == again
    folder.close()
