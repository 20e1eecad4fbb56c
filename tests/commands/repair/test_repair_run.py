"""A damaged run is mended exactly where that can be, else its damage is named. What is whole stays."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest
from helpers.trainings import assert_same, refusal, resumed, rows, trained

from dnnlab.commands.compare.compare import compare
from dnnlab.commands.repair.repair import repair
from dnnlab.errors import StorageError
from dnnlab.rundir import atomic, lock

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def cut_short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Interrupted in its third epoch."""
    return trained(tmp_path_factory.mktemp("cut"), after=26)


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "runs" / whole.name))


def contents(run: Path) -> dict[str, bytes]:
    """Every file but the lock, the log and old ones."""
    files = (path for path in run.rglob("*") if path.is_file())
    return {
        str(path.relative_to(run)): path.read_bytes()
        for path in files
        if path.name not in ("lock", "log.txt") and ".damaged-" not in path.name
    }


def flip(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def break_line(path: Path, number: int) -> bytes:
    """Damage beyond a single bit in one line; the line as it was."""
    lines = path.read_bytes().splitlines(keepends=True)
    line = lines[number]
    lines[number] = b"\0\xff" * (len(line) // 2) + b"x" * (len(line) % 2 - 1) + b"\n"
    lines[number] = lines[number][: len(line) - 1].replace(b"\n", b"x").ljust(len(line) - 1, b"x") + b"\n"
    path.write_bytes(b"".join(lines))
    return line


def mend(run: Path) -> Any:
    return repair(str(run), run.parent)


def test_a_whole_run_is_not_touched(run: Path, dnnlab: Call) -> None:
    before = contents(run)
    code, out, _ = dnnlab("repair", run)
    assert (code, out) == (0, f" nothing is damaged in {run.name}\n")
    assert contents(run) == before and not list(run.rglob("*.damaged-*"))


@pytest.mark.parametrize("seed", range(3))
def test_a_flipped_bit_is_set_back_in_every_file(run: Path, seed: int) -> None:
    before, dice = contents(run), random.Random(seed)
    names = [name for name in before if "checkpoints/" not in name]
    for name in names:
        flip(run / name, dice)
    found = mend(run)
    assert not found.left and sorted(deed.file for deed in found.done) == sorted(names)
    assert all((run / str(deed.kept)).is_file() for deed in found.done)
    after = contents(run)
    assert {name for name in before if after[name] != before[name]} <= {"MANIFEST.json"}
    assert not mend(run).done, "a second repair finds nothing"


def test_what_cannot_be_mended_is_named(run: Path, dnnlab: Call) -> None:
    for name in ("data.safetensors", "layers.json", "verdicts.json"):
        (run / name).write_bytes((run / name).read_bytes()[:-20])
    code, out, _ = dnnlab("repair", run, "--json")
    found = json.loads(out)
    assert code == 1 and set(found) == {"run", "repaired", "left"}
    assert [item["file"] for item in found["left"]] == ["data.safetensors"]
    assert {item["file"]: item["what"] for item in found["repaired"]} == {
        "layers.json": "`dnnlab show` makes it anew",
        "verdicts.json": "the doctor looked again",
    }
    assert (
        not (run / "layers.json").exists()
        and json.loads((run / "verdicts.json").read_text())["verdicts"] == []
    )
    code, out, _ = dnnlab("repair", run)
    assert code == 1 and "damaged  data.safetensors: has" in out and "cannot be mended" in out


def test_a_damaged_row_is_said_at_once_and_the_rest_is_kept(cut_short: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(cut_short, tmp_path / "runs" / cut_short.name))
    whole = Path(shutil.copytree(cut_short, tmp_path / "whole" / cut_short.name))
    resumed(whole)
    lost = json.loads(break_line(run / "steps.jsonl", 4))
    text = refusal(run)
    assert "steps.jsonl: line 5 is damaged" in text and f"`dnnlab repair {run.name}`" in text
    size = (run / "steps.jsonl").stat().st_size
    (deed,) = mend(run).done
    assert (deed.file, deed.what) == ("steps.jsonl", "1 row lost")
    assert (run / "steps.jsonl").stat().st_size == size, "checkpoints know places in the file"
    resumed(run)
    found = rows(run, "steps.jsonl")
    assert [row for row in rows(whole, "steps.jsonl") if row["step"] != lost["step"]] == found
    (run / "steps.jsonl").write_bytes((whole / "steps.jsonl").read_bytes())
    assert_same(run, whole)
    assert [item.problem for item in compare([], run.parent).runs] == [None]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_compare_has_the_run_again(run: Path, number: int) -> None:
    line = break_line(run / "metrics.jsonl", number)
    (item,) = compare([], run.parent).runs
    assert "metrics.jsonl: line" in str(item.problem)
    known = json.loads((run / "meta.json").read_text())
    mend(run)
    (item,) = compare([], run.parent).runs
    assert item.problem is None
    if number + 1 in (known["best"]["epoch"], known["last"]["epoch"]):  # a checkpoint holds these
        assert line in (run / "metrics.jsonl").read_bytes()
    else:
        assert len(item.history) == 2


def test_a_file_without_a_row_left(run: Path) -> None:
    for number in range(len((run / "steps.jsonl").read_bytes().splitlines())):
        break_line(run / "steps.jsonl", number)
    assert mend(run).done[0].what.endswith("rows lost")
    content = (run / "steps.jsonl").read_bytes()
    assert content.strip() == b"" and content.endswith(b"\n")
    assert not mend(run).done


def test_a_run_that_a_process_writes_is_refused(run: Path, dnnlab: Call) -> None:
    flip(run / "data.json", random.Random(0))
    before, held = contents(run), lock.acquire(run)
    try:
        code, _, err = dnnlab("repair", run)
    finally:
        held.release()
    assert code == 2 and f"held by pid {os.getpid()}" in " ".join(err.split()) and contents(run) == before


def hurt(run: Path) -> None:
    """A flipped bit, lost rows, a lost end, a derived file and the manifest."""
    dice = random.Random(1)
    for name in ("meta.json", "MANIFEST.json"):
        flip(run / name, dice)
    break_line(run / "metrics.jsonl", 0)
    (run / "gradients.jsonl").write_bytes((run / "gradients.jsonl").read_bytes()[:-30])
    (run / "layers.json").write_bytes(b"{")


def ended(run: Path) -> dict[str, bytes]:
    """Everything after a repair, old files too; which entry was replaced last depends on the kill."""
    paths = (path for path in run.rglob("*") if path.is_file() and path.name not in ("lock", "log.txt"))
    found = {str(path.relative_to(run)): path.read_bytes() for path in paths}
    with suppress(ValueError):
        found["MANIFEST.json"] = json.dumps(
            json.loads(found["MANIFEST.json"])["files"], sort_keys=True
        ).encode()
    return found


def killed_at(number: int, run: Path) -> bool:
    """Repair in a process that dies at its write of this number; whether it came so far."""
    if (pid := os.fork()) == 0:
        seen = 0

        def count(*_: object) -> None:
            nonlocal seen
            seen += 1
            if seen == number:
                os._exit(9)

        real_link, real_replace = os.link, Path.replace
        os.link = lambda *names: (count(), real_link(*names))  # type: ignore[assignment]
        Path.replace = lambda self, to: (count(), real_replace(self, to))[1]  # type: ignore[method-assign, assignment]
        try:
            mend(run)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9


@pytest.mark.parametrize("stride", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_a_repair_that_is_killed_at_any_write_ends_the_same(run: Path, tmp_path: Path, stride: int) -> None:
    hurt(run)
    damaged = Path(shutil.copytree(run, tmp_path / "damaged"))
    mend(run)
    expected, number = ended(run), 0
    while True:
        number += stride
        shutil.rmtree(run)
        shutil.copytree(damaged, run)
        if not killed_at(number, run):
            break
        mend(run)
        assert ended(run) == expected, number
    assert number > 10


def test_a_full_disk_leaves_what_was_there(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurt(run)
    before = ended(run)

    def full(path: Path) -> None:
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(atomic, "sync_file", full)
        with pytest.raises(StorageError, match="No space left on device") as caught:
            mend(run)
    assert caught.value.exit_code == 5
    assert ended(run) == before
    assert not mend(run).left
