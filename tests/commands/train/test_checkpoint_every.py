"""`checkpoint.every`: epochs, steps, minutes and auto.

A run that is interrupted in the middle of an epoch ends bit by bit like an uninterrupted one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.clock import Clock
from helpers.trainings import assert_same, drain, resumed, small, trained, write

from dnnlab.commands.train import checkpoint_schedule
from dnnlab.commands.train.checkpoint_schedule import CheckpointSchedule
from dnnlab.commands.train.events import Saved
from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.config.values import CheckpointInterval
from dnnlab.engine.records import Epoch, Step
from dnnlab.engine.stop import Stop
from dnnlab.rundir import read_run

# Everything with a state of its own: 10 steps an epoch, three epochs.
FULL: dict[str, Any] = {
    "regularizers": {"dropout": 0.2, "ema": {"decay": 0.9}, "early_stopping": {"patience": 5}, "mixup": 0.2},
    "normalization": "batch",
    "gradient_clipping": {"name": "global_norm", "threshold": 0.5},
    "schedule": {"name": "one_cycle"},
}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(checkpoint_schedule, "perf_counter", clock)
    return clock


def saved_at(folder: Path, **changes: Any) -> list[int]:
    """The steps at which a training of 30 steps wrote checkpoints."""
    config = load(write(folder, small(**changes)))
    return [e.step for e in drain(train(config, folder / "runs"), Stop()) if isinstance(e, Saved)]


@pytest.mark.parametrize(
    ("every", "steps"),
    [
        (1, [10, 20, 30]),
        ("2 epochs", [20, 30]),
        ("4 steps", [4, 8, 12, 16, 20, 24, 28, 30]),
        ("7 steps", [7, 14, 21, 28, 30]),
        ("10 steps", [10, 20, 30]),
        ("1000 steps", [30]),
        ("10 minutes", [30]),
        ("auto", [10, 30]),
    ],
)
def test_when_checkpoints_are_written(tmp_path: Path, every: str | int, steps: list[int]) -> None:
    assert saved_at(tmp_path, checkpoint={"every": every}) == steps


def step(number: int) -> Step:
    return Step(number, (number - 1) // 100 + 1, (number - 1) % 100 + 1)


def test_minutes_count_within_and_across_epochs(clock: Clock) -> None:
    schedule = CheckpointSchedule(CheckpointInterval.parse("2 minutes"), 100)
    clock.now += 119
    assert not schedule.due_after_step(step(1))
    clock.now += 1
    assert schedule.due_after_step(step(2))
    assert not schedule.due_after_step(step(100)), "the end of the epoch follows at once"
    assert schedule.due_after_epoch(Epoch(1, 100, {}, None, False, 0))
    schedule.note_saved()
    assert not schedule.due_after_step(step(101))
    assert not schedule.due_after_epoch(Epoch(2, 200, {}, None, False, 0))
    assert schedule.due_after_epoch(Epoch(3, 300, {}, None, False, 0, final=True))


def test_auto_saves_within_an_epoch_that_takes_longer_than_five_minutes(clock: Clock) -> None:
    schedule = CheckpointSchedule("auto", 1_000_000)
    clock.now += 299
    assert not schedule.due_after_step(step(1))
    clock.now += 2
    assert schedule.due_after_step(step(2))
    schedule.note_saved()
    assert not schedule.due_after_step(step(3))


@pytest.mark.parametrize("keep", ["all", 2])
def test_keep_counts_checkpoints_within_epochs(tmp_path: Path, keep: str | int) -> None:
    run = trained(tmp_path, checkpoint={"every": "4 steps", "keep": keep})
    found = sorted(json.loads(p.read_text())["step"] for p in run.glob("checkpoints/*/state.json"))
    assert found == ([4, 8, 12, 16, 20, 24, 28, 30] if keep == "all" else [28, 30])


@pytest.mark.parametrize("kept", [4, 8, 12, 16, 24])
def test_going_on_from_the_middle_of_an_epoch_gives_the_same_bits(tmp_path: Path, kept: int) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    whole = trained(tmp_path / "whole", checkpoint={"every": "4 steps"}, **FULL)
    cut = trained(tmp_path / "cut", checkpoint={"every": "4 steps", "keep": "all"}, **FULL)
    forget(cut, kept)
    started = resumed(cut)[0]
    assert started.resumed == {"epoch": kept // 10, "step": kept}
    assert_same(whole, cut)


def forget(run: Path, step: int) -> None:
    """Make the run what a SIGKILL after the checkpoint of this step leaves behind."""
    for state in [*run.glob("checkpoints/*/state.json")]:
        if json.loads(state.read_text())["step"] > step:
            for file in state.parent.iterdir():
                file.unlink()
            state.parent.rmdir()
    meta = json.loads((run / "meta.json").read_text())
    (run / "meta.json").write_text(json.dumps(meta | {"status": "running"}))
    assert read_run(run).status == "killed"
