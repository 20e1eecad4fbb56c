"""Going on with a run: what is refused and why, what is fallen back on, what more epochs do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.trainings import assert_same, checkpoint, refusal, resumed, rows, small, trained, write

from dnnlab.commands.train.events import Finished, Note, Started
from dnnlab.commands.train.resume import check_data
from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.errors import RunError
from dnnlab.rundir import read_run
from dnnlab.rundir.run_record import read_record


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run to its end, never disturbed."""
    return trained(
        tmp_path_factory.mktemp("whole"),
        regularizers={"dropout": 0.3},
        checkpoint={"every": 1, "keep": "all"},
    )


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """The same run, interrupted in the middle of its third epoch."""
    return trained(tmp_path, after=24, regularizers={"dropout": 0.3}, checkpoint={"every": 1, "keep": "all"})


def words(events: list[Any]) -> str:
    return "\n".join(event.text for event in events if isinstance(event, Note))


def test_an_interrupted_run_says_so_and_where_it_goes_on(cut: Path) -> None:
    meta = json.loads((cut / "meta.json").read_text())
    assert meta["status"] == "interrupted"
    events = resumed(cut)
    assert isinstance(events[0], Started) and events[0].resumed == {"epoch": 2, "step": 24}
    assert "resumed at epoch 2, step 24" in words(events)
    assert "resumed" in json.loads((cut / "meta.json").read_text())["times"]


def newest(run: Path) -> Path:
    return checkpoint(run).path


def truncate(path: Path) -> None:
    file = path / "optimizer.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


def flip(path: Path) -> None:
    file = path / "model.safetensors"
    data = bytearray(file.read_bytes())
    data[-17] ^= 1
    file.write_bytes(data)


def lose(path: Path) -> None:
    (path / "model.safetensors").unlink()


def lose_manifest(path: Path) -> None:
    (path / "MANIFEST.json").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (truncate, "optimizer.safetensors has"),
        (flip, "model.safetensors does not match its sha256"),
        (lose, "model.safetensors is missing"),
        (lose_manifest, "it was never finished"),
    ],
)
def test_a_damaged_newest_checkpoint_falls_back_and_says_so(
    damage: Any, said: str, cut: Path, whole: Path
) -> None:
    broken = newest(cut)
    damage(broken)
    events = resumed(cut)
    assert events[0].resumed == {"epoch": 2, "step": 20}
    assert broken.name in words(events) and said in words(events)
    assert_same(whole, cut)


def test_a_run_killed_before_its_first_checkpoint_starts_again(cut: Path, whole: Path) -> None:
    shutil.rmtree(cut / "checkpoints")
    events = resumed(cut)
    assert events[0].resumed == {"epoch": 0, "step": 0}
    assert "no checkpoint is whole; starting again from the beginning" in words(events)
    assert_same(whole, cut)


def test_a_run_killed_within_its_first_epoch_starts_again(tmp_path: Path, whole: Path) -> None:
    early = trained(tmp_path, after=4, regularizers={"dropout": 0.3}, checkpoint={"every": 1, "keep": "all"})
    shutil.rmtree(early / "checkpoints")
    resumed(early)
    assert_same(whole, early)


def test_a_changed_config_is_refused_and_the_difference_shown(cut: Path) -> None:
    source = cut / "sources" / "00-experiment.yaml"
    source.write_text(
        source.read_text().replace("rate: 0.3", "rate: 0.4").replace("dropout: 0.3", "dropout: 0.4")
    )
    text = refusal(cut)
    assert "has changed (regularizers.dropout.rate: was 0.3, is now 0.4)" in text
    assert f"`dnnlab train {cut.name}` starts a new run" in text


def test_changed_data_are_refused_and_the_difference_shown(cut: Path) -> None:
    data = json.loads((cut / "data.json").read_text())
    data["rows"]["train"], data["fingerprint"] = 301, "0" * 64
    (cut / "data.json").write_text(json.dumps(data))
    text = refusal(cut)
    assert f"the data of {cut.name} have changed (rows: was" in text
    assert '"train": 301' in text or "train: 301" in text
    assert "fingerprint: was" in text


def test_other_words_about_the_same_data_are_no_change(cut: Path) -> None:
    data = json.loads((cut / "data.json").read_text())
    (cut / "data.json").write_text(json.dumps({**data, "notes": ["said otherwise by an older dnnlab"]}))
    check_data(read_record(cut), {**data, "notes": []})


def test_a_run_that_is_done_is_refused(whole: Path) -> None:
    assert f"{whole.name} is done: 3 of 3 epochs; --epochs N goes on" in refusal(whole)


def test_a_run_that_stopped_early_is_refused(tmp_path: Path) -> None:
    run = trained(
        tmp_path,
        training={"epochs": 30},
        optimizer={"name": "sgd", "lr": 1e-9},
        regularizers={"early_stopping": {"patience": 2}},
    )
    meta = json.loads((run / "meta.json").read_text())
    assert meta["status"] == "stopped_early" and len(rows(run)) == 3
    assert f"{run.name} stopped early after epoch 3" in refusal(run)


def test_a_run_that_is_held_is_refused_and_the_holder_named(cut: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom dnnlab.commands.train.resume import resume\n"
        "events = resume(sys.argv[1], Path(sys.argv[1]).parent)\nnext(events)\n"
        "print('held', flush=True)\nsys.stdin.read()\n"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", code, str(cut)], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(
            RunError, match=f"this run is held by pid {other.pid} on .*one process at a time writes to a run"
        ):
            resumed(cut)
        other.send_signal(signal.SIGKILL)
    events = resumed(cut)
    assert f"taken over from pid {other.pid}" in words(events)
    assert events[-1].result["status"] == "done"


def test_time_that_is_up_ends_a_run_which_can_be_gone_on_with(tmp_path: Path, whole: Path) -> None:
    changes: dict[str, Any] = {"regularizers": {"dropout": 0.3}, "checkpoint": {"every": 1, "keep": "all"}}
    run = trained(tmp_path, training={"max_minutes": 1e-9}, **changes)
    meta = json.loads((run / "meta.json").read_text())
    assert (
        meta["status"] == "stopped_early" and "training.max_minutes: 1e-09 minutes are over" in meta["reason"]
    )
    assert len(rows(run, "steps.jsonl")) == 1
    resumed(run)
    assert [row["step"] for row in rows(run, "steps.jsonl")] == [1, 2]
    assert rows(run, "steps.jsonl") == rows(whole, "steps.jsonl")[:2]


def test_a_listener_that_goes_away_leaves_an_interrupted_run(tmp_path: Path, whole: Path) -> None:
    changes: dict[str, Any] = {"regularizers": {"dropout": 0.3}, "checkpoint": {"every": 1, "keep": "all"}}
    events = train(load(write(tmp_path, small(**changes))), tmp_path / "runs")
    path = next(events).path
    for _, event in zip(range(17), events, strict=False):
        assert not isinstance(event, Finished)
    events.close()
    assert read_run(path).status == "interrupted"
    resumed(path)
    assert_same(whole, path)


def test_another_version_is_told(cut: Path) -> None:
    meta = json.loads((cut / "meta.json").read_text())
    meta["versions"]["torch"] = "1.0"
    (cut / "meta.json").write_text(json.dumps(meta))
    assert "versions.torch was 1.0 and is now" in words(resumed(cut))


def test_recorded_threads_are_used_again(cut: Path) -> None:
    import torch

    meta = json.loads((cut / "meta.json").read_text())
    (cut / "meta.json").write_text(json.dumps({**meta, "threads": 2}))
    try:
        resumed(cut)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)


def test_a_run_that_kept_no_sources_says_so(cut: Path) -> None:
    (cut / "sources" / "00-experiment.yaml").unlink()
    assert "00-experiment.yaml cannot be read (No such file or directory)" in refusal(cut)


def test_resume_needs_no_config_file_any_more(tmp_path: Path) -> None:
    run = trained(tmp_path, after=13)
    os.unlink(tmp_path / "experiment.yaml")
    assert resumed(run)[-1].result["status"] == "done"
