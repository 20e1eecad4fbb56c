"""Damage: the newest whole checkpoint is found, every reason is said, and reading never fails."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dnnlab.rundir import Checkpoint, Loaded, RunFolder, RunView, checkpoint, read_run

Make = Callable[..., Checkpoint]


def flip(path: Path, position: int, bit: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1 << bit
    path.write_bytes(content)


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def into_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (
        lambda path: cut(path / "model.safetensors", 100),
        r"model\.safetensors has 100 bytes instead of \d+",
    ),
    "empty": (
        lambda path: cut(path / "optimizer.safetensors", 0),
        r"optimizer\.safetensors has 0 bytes instead of \d+",
    ),
    "one bit": (
        lambda path: flip(path / "best.safetensors", -1),
        r"best\.safetensors does not match its sha256",
    ),
    "one bit of the state": (
        lambda path: flip(path / "state.json", 30),
        r"state\.json does not match its sha256",
    ),
    "missing": (lambda path: (path / "model.safetensors").unlink(), r"model\.safetensors is missing"),
    "no state": (lambda path: (path / "state.json").unlink(), r"state\.json is missing"),
    "no manifest": (
        lambda path: (path / "MANIFEST.json").unlink(),
        r"MANIFEST\.json is missing: it was never finished",
    ),
    "half a manifest": (lambda path: cut(path / "MANIFEST.json", 50), r"MANIFEST\.json is damaged"),
    "another format": (
        lambda path: (path / "MANIFEST.json").write_text('{"format": 2}'),
        r"MANIFEST\.json has format 2, this dnnlab reads 1",
    ),
    "a manifest that points away": (
        lambda path: (path / "MANIFEST.json").write_text(
            (path / "MANIFEST.json").read_text().replace('"best.safetensors"', '"../best.safetensors"')
        ),
        r"MANIFEST\.json is damaged",
    ),
    "a folder for a file": (lambda path: into_folder(path / "state.json"), r"state\.json "),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_newest_falls_back_and_says_why(
    folder: RunFolder, make_checkpoint: Make, damage: str
) -> None:
    folder.save_checkpoint(make_checkpoint(10))
    newest = folder.save_checkpoint(make_checkpoint(20))
    hurt, words = DAMAGES[damage]
    hurt(newest)
    loaded = folder.newest_checkpoint()
    assert loaded is not None and loaded.checkpoint.step == 10
    assert len(loaded.skipped) == 1 and folder.notes == loaded.skipped
    assert re.match(rf"checkpoints/{newest.name} passed over: {words}", loaded.skipped[0])
    view = read_run(folder.path)
    seen = view.checkpoint()
    assert seen is not None and seen.checkpoint.step == 10 and view.problems == loaded.skipped


def test_every_flipped_byte_of_a_manifest_is_noticed(folder: RunFolder, make_checkpoint: Make) -> None:
    folder.save_checkpoint(make_checkpoint(10))
    newest = folder.save_checkpoint(make_checkpoint(20))
    content = (newest / "MANIFEST.json").read_bytes()
    for position in range(len(content)):
        flip(newest / "MANIFEST.json", position, position % 7)
        loaded = folder.newest_checkpoint()
        assert loaded is not None
        if loaded.checkpoint.step == 20:  # white space became other white space, nothing else
            left = json.loads((newest / "MANIFEST.json").read_text())
            assert left == json.loads(content)
        (newest / "MANIFEST.json").write_bytes(content)


def test_several_damaged_ones_are_all_named(folder: RunFolder, make_checkpoint: Make) -> None:
    paths = [folder.save_checkpoint(make_checkpoint(step), "all") for step in (10, 20, 30)]
    flip(paths[2] / "model.safetensors", -1)
    (paths[1] / "MANIFEST.json").unlink()
    loaded = folder.newest_checkpoint()
    assert loaded is not None and loaded.checkpoint.step == 10
    assert [word.split(" ")[0].split("_")[1] for word in loaded.skipped] == ["step-000030", "step-000020"]


def test_all_damaged_means_none_and_says_so(folder: RunFolder, make_checkpoint: Make) -> None:
    path = folder.save_checkpoint(make_checkpoint(10))
    (path / "model.safetensors").unlink()
    assert folder.newest_checkpoint() is None
    assert "model.safetensors is missing" in folder.notes[0]


def test_names_are_not_parsed(folder: RunFolder, make_checkpoint: Make) -> None:
    path = folder.save_checkpoint(make_checkpoint(10), "all")
    path.rename(path.parent / "epoch-9999_step-999999")
    folder.save_checkpoint(make_checkpoint(20), "all").rename(path.parent / "a")
    loaded = folder.newest_checkpoint()
    assert loaded is not None and loaded.checkpoint.step == 20


def test_a_checkpoint_deleted_under_a_readers_eyes(
    folder: RunFolder, make_checkpoint: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [folder.save_checkpoint(make_checkpoint(step), "all") for step in (10, 20)]
    real, deleted = checkpoint.load, False

    def load(path: Path) -> Loaded:
        nonlocal deleted
        if not deleted:  # the writer saves step 30 and prunes, just now
            deleted = True
            for old in paths:
                shutil.rmtree(old)
            folder.save_checkpoint(make_checkpoint(30))
        return real(path)

    monkeypatch.setattr(checkpoint, "load", load)
    view = read_run(folder.path)
    loaded = view.checkpoint()
    assert loaded is not None and loaded.checkpoint.step == 30
    assert view.problems == []


def test_rows_are_read_up_to_the_damage(folder: RunFolder) -> None:
    whole = b'{"a": 1}\n{"a": 2}\n'
    cases: dict[bytes, tuple[int, str | None]] = {
        whole: (2, None),
        b"": (0, None),
        whole + b'{"a": ': (2, "f.jsonl: the last line is cut; 2 whole rows are used"),
        b'{"a": 1}\n{"a"\n{"a": 3}\n': (
            1,
            "f.jsonl: line 2 is damaged; 1 rows before it are used, 1 after it are not",
        ),
        whole + b"[1]\n": (2, "f.jsonl: line 3 is damaged; 2 rows before it are used, 0 after it are not"),
        b'{"a": NaN}\n': (0, "f.jsonl: line 1 is damaged; 0 rows before it are used, 0 after it are not"),
        b"\xff\xfe\n": (0, "f.jsonl: line 1 is damaged; 0 rows before it are used, 0 after it are not"),
        b"[" * 100_000 + b"\n": (
            0,
            "f.jsonl: line 1 is damaged; 0 rows before it are used, 0 after it are not",
        ),
    }
    for content, (count, problem) in cases.items():
        (folder.path / "f.jsonl").write_bytes(content)
        view = read_run(folder.path)
        assert len(view.rows("f.jsonl")) == count
        view.rows("f.jsonl")
        assert view.problems == ([problem] if problem else [])


def test_no_such_file_is_no_row_and_no_problem(folder: RunFolder) -> None:
    view = read_run(folder.path)
    assert view.rows("metrics.jsonl") == [] and view.problems == []
    assert view.text("resolved.yaml") is None and view.problems == ["resolved.yaml is missing"]


@pytest.mark.parametrize(
    ("meta", "status", "problem"),
    [
        ('{"format": 1, "status": "done"}', "done", None),
        ('{"format": 1, "status": "diverged"}', "diverged", None),
        ('{"format": 2, "status": "done"}', "done", "meta.json: format 2; this dnnlab reads 1"),
        ('{"format": 1, "status": "odd"}', "damaged", "meta.json: no status"),
        ('{"format": 1, "status": ["done"]}', "damaged", "meta.json: no status"),
        ('{"format"', "damaged", "meta.json is damaged: "),
        ("[]", "damaged", "meta.json is damaged: a list where an object belongs"),
    ],
)
def test_status(folder: RunFolder, meta: str, status: str, problem: str | None) -> None:
    (folder.path / "meta.json").write_text(meta)
    view = read_run(folder.path)
    assert view.status == status
    assert view.problems[0].startswith(problem) if problem else view.problems == []


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    view = read_run(tmp_path / "gone")
    assert (view.status, view.meta, view.rows("metrics.jsonl"), view.checkpoint()) == (
        "damaged",
        {},
        [],
        None,
    )
    assert view.problems[0] == "the folder is gone"


def look(path: Path) -> RunView:
    view = read_run(path)
    for file in ("metrics.jsonl", "steps.jsonl"):
        view.rows(file)
    view.text("resolved.yaml")
    view.json("data.json")
    view.tensors("data.safetensors")
    view.checkpoint()
    return view


def test_reading_never_fails_wherever_a_file_is_cut(folder: RunFolder, make_checkpoint: Make) -> None:
    folder.write_text("resolved.yaml", "name: Größe\n")
    folder.write_json("data.json", {"shapes": [8, 8]})
    folder.write_tensors("data.safetensors", make_checkpoint(1).model)
    for step in (10, 20):
        folder.append("metrics.jsonl", {"epoch": step})
        folder.append("steps.jsonl", {"step": step})
        folder.save_checkpoint(make_checkpoint(step))
    folder.close()
    assert look(folder.path).problems == []
    for file in sorted(path for path in folder.path.rglob("*") if path.is_file()):
        content = file.read_bytes()
        for share in (0.0, 0.3, 0.7, 1.0):
            size = min(
                int(len(content) * share), len(content) - 2
            )  # -1 would take a line end, which harms no JSON
            file.write_bytes(content[:size])
            problems = look(folder.path).problems
            unseen = (
                file.name == "lock"
                or "step-000010" in str(file)
                or file.suffix == ".yaml"
                or (size == 0 and file.suffix == ".jsonl")
            )
            assert unseen or problems, (file, size)
        file.unlink()
        look(folder.path)
        file.mkdir()
        look(folder.path)
        file.rmdir()
        file.write_bytes(content)
    assert look(folder.path).problems == []
