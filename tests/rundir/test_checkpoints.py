"""Checkpoints: what is written, kept, refused, and what a damaged one falls back on."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from dnnlab.rundir import Checkpoint, RunFolder, read_run, reopen

Make = Callable[..., Checkpoint]


def steps(folder: RunFolder) -> list[int]:
    """The steps of the folders there, whatever their state."""
    return sorted(
        int(path.name.split("_")[1].removeprefix("step-")) for path in (folder.path / "checkpoints").iterdir()
    )


def test_the_files_are_those_of_the_contract(folder: RunFolder, make_checkpoint: Make) -> None:
    folder.append("metrics.jsonl", {"epoch": 12})
    path = folder.save_checkpoint(
        make_checkpoint(5160, epoch=12, value=np.float64(0.98123), averages={"w": torch.ones(1)})
    )
    assert path == folder.path / "checkpoints" / "epoch-0012_step-005160_val_accuracy-0.9812"
    files = [
        "MANIFEST.json",
        "averages.safetensors",
        "best.safetensors",
        "model.safetensors",
        "optimizer.safetensors",
        "state.json",
    ]
    assert sorted(file.name for file in path.iterdir()) == files
    manifest = json.loads((path / "MANIFEST.json").read_text())["files"]
    assert sorted(manifest) == files[1:]
    for name, entry in manifest.items():
        content = (path / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    assert json.loads((path / "state.json").read_text())["lengths"] == {"metrics.jsonl": 14}


@pytest.mark.parametrize(
    ("monitor", "value", "tail"),
    [
        (None, None, ""),
        ("val_loss", None, ""),
        ("val_loss", float("nan"), "_val_loss-nan"),
        ("val_loss", 1e-7, "_val_loss-1.000e-07"),
        ("a/b", 0.0, "_a-b-0.0000"),
    ],
)
def test_the_tail_of_the_name(
    folder: RunFolder, make_checkpoint: Make, monitor: str, value: float, tail: str
) -> None:
    path = folder.save_checkpoint(make_checkpoint(10, monitor=monitor, value=value))
    assert path.name == "epoch-0001_step-000010" + tail
    loaded = folder.newest_checkpoint()
    assert loaded is not None and loaded.checkpoint.monitor == monitor
    assert loaded.checkpoint.value == value or str(loaded.checkpoint.value) == "nan"


def test_everything_comes_back(folder: RunFolder, make_checkpoint: Make) -> None:
    saved = make_checkpoint(20, is_best=True, averages=None)
    folder.append("steps.jsonl", {"step": 20})
    folder.save_checkpoint(saved)
    loaded = folder.newest_checkpoint()
    assert loaded is not None
    got = loaded.checkpoint
    assert (got.epoch, got.step, got.is_best, got.averages, loaded.lengths, loaded.skipped) == (
        2,
        20,
        True,
        None,
        {"steps.jsonl": 13},
        [],
    )
    assert list(got.model) == [
        "hidden1.weight",
        "hidden1.bias",
    ]  # the order of the state dict, not of the file
    assert got.model["hidden1.weight"].equal(saved.model["hidden1.weight"])
    assert got.best is not None and got.best["hidden1.bias"].tolist() == [1, 1]
    assert list(got.optimizer["state"]) == [0] and got.optimizer["param_groups"] == [{"params": [0, 1]}]
    assert (
        got.state["stopper"] == {"best": float("-inf"), "bad": 3} and float(got.state["scaler"]["scale"]) == 2
    )


def test_loaded_tensors_own_their_memory(folder: RunFolder, make_checkpoint: Make) -> None:
    path = folder.save_checkpoint(make_checkpoint(10))
    loaded = folder.newest_checkpoint()
    assert loaded is not None
    tensors = [*loaded.checkpoint.model.values(), *loaded.checkpoint.optimizer["state"][0].values()]
    assert all(tensor.data_ptr() % 16 == 0 for tensor in tensors)
    loaded.checkpoint.model["hidden1.bias"] += 1
    shutil.rmtree(path)
    assert loaded.checkpoint.model["hidden1.bias"].tolist() == [1, 1]


def test_no_checkpoint_yet(folder: RunFolder) -> None:
    assert folder.newest_checkpoint() is None
    assert folder.notes == []


@pytest.mark.parametrize("part", ["model", "best", "averages"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_non_finite_weight_is_refused(
    folder: RunFolder, make_checkpoint: Make, part: str, value: float
) -> None:
    bad = {"hidden1.weight": torch.tensor([0.0, value]), "count": torch.tensor(3)}
    with pytest.raises(
        ValueError,
        match=r"No checkpoint holds a non-finite weight: 1 of 2 values of "
        rf"hidden1\.weight \({part}\) at step 10",
    ):
        folder.save_checkpoint(make_checkpoint(10, **{part: bad}))
    assert not (folder.path / "checkpoints").exists()


def test_non_finite_numbers_elsewhere_are_fine(folder: RunFolder, make_checkpoint: Make) -> None:
    folder.save_checkpoint(make_checkpoint(10, state={"ema": torch.tensor(float("inf"))}))
    loaded = folder.newest_checkpoint()
    assert loaded is not None and loaded.checkpoint.state["ema"].item() == float("inf")


def save_all(folder: RunFolder, make: Make, keep: str | int, best: set[int], last: int = 60) -> None:
    for step in range(10, last + 1, 10):
        folder.save_checkpoint(make(step, is_best=step in best), keep)


@pytest.mark.parametrize(
    ("keep", "best", "left"),
    [
        ("best_and_last", {20}, [20, 50, 60]),
        ("best_and_last", {10, 30}, [30, 50, 60]),
        ("best_and_last", {60}, [50, 60]),
        ("best_and_last", set(), [50, 60]),
        ("all", {20}, [10, 20, 30, 40, 50, 60]),
        (1, {20}, [60]),
        (3, {20}, [40, 50, 60]),
        (99, set(), [10, 20, 30, 40, 50, 60]),
    ],
)
def test_what_is_kept(
    folder: RunFolder, make_checkpoint: Make, keep: str | int, best: set[int], left: list[int]
) -> None:
    save_all(folder, make_checkpoint, keep, best)
    assert steps(folder) == left
    with_all = reopened(folder)
    assert with_all.newest_checkpoint() is not None
    with_all.close()


def reopened(folder: RunFolder) -> RunFolder:
    folder.close()
    return reopen(folder.path)


def test_the_same_is_kept_after_a_restart(folder: RunFolder, make_checkpoint: Make) -> None:
    save_all(folder, make_checkpoint, "best_and_last", {20}, last=40)
    with reopened(folder) as again:
        again.save_checkpoint(make_checkpoint(50))
        assert steps(again) == [20, 40, 50]


@pytest.mark.parametrize("keep", [0, -1, True, "best", "3"])
def test_an_unknown_policy_is_refused_before_anything_is_written(
    folder: RunFolder, make_checkpoint: Make, keep: str | int
) -> None:
    with pytest.raises(ValueError, match="expected best_and_last, all or a number from 1"):
        folder.save_checkpoint(make_checkpoint(10), keep)
    assert not (folder.path / "checkpoints").exists()


def test_a_damaged_one_does_not_count_as_kept(folder: RunFolder, make_checkpoint: Make) -> None:
    for step in (10, 20, 30):
        path = folder.save_checkpoint(make_checkpoint(step), "all")
    (path / "model.safetensors").write_bytes(b"")
    folder.save_checkpoint(make_checkpoint(40), "best_and_last")
    assert steps(folder) == [20, 40]


def test_folders_that_are_not_ours_are_never_deleted(folder: RunFolder, make_checkpoint: Make) -> None:
    mine = folder.path / "checkpoints" / "my backup"
    mine.mkdir(parents=True)
    half = folder.path / "checkpoints" / "epoch-0000_step-000005"
    half.mkdir()
    save_all(folder, make_checkpoint, "all", set(), last=20)
    assert mine.exists() and not half.exists()


def test_a_checkpoint_that_cannot_be_deleted_is_noted(
    folder: RunFolder, make_checkpoint: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.save_checkpoint(make_checkpoint(10), 1)

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("dnnlab.rundir.checkpoint.remove", refuse)
    folder.save_checkpoint(make_checkpoint(20), 1)
    assert folder.notes == [
        "checkpoints/epoch-0001_step-000010_val_accuracy-0.5000 could not be deleted: Permission denied"
    ]


def test_a_whole_checkpoint_of_the_same_step_stays_and_a_damaged_one_is_rewritten(
    folder: RunFolder, make_checkpoint: Make
) -> None:
    first = folder.save_checkpoint(make_checkpoint(10))
    before = (first / "state.json").stat().st_mtime_ns
    assert folder.save_checkpoint(make_checkpoint(10, value=0.7)) == first
    assert (first / "state.json").stat().st_mtime_ns == before
    (first / "model.safetensors").unlink()
    assert folder.save_checkpoint(make_checkpoint(10)) == first
    assert (first / "model.safetensors").exists()
    loaded = folder.newest_checkpoint()
    assert loaded is not None and loaded.skipped == []


def test_a_reader_sees_the_same_checkpoint(folder: RunFolder, make_checkpoint: Make) -> None:
    save_all(folder, make_checkpoint, "best_and_last", set())
    view = read_run(folder.path)
    loaded = view.checkpoint()
    assert loaded is not None and loaded.checkpoint.step == 60 and view.problems == []
