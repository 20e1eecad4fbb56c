"""Watching a run: what a snapshot says, and that looking leaves no mark on the run."""

from __future__ import annotations

import json
import math
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from helpers.fake_runs import change_meta, contents, make_run
from helpers.trainings import assert_same, drain, small, trained, write

from dnnlab.commands.train.train import train
from dnnlab.commands.watch.pace import per_epoch_of, progress_of, recent_pace
from dnnlab.commands.watch.snapshot import curve, thin
from dnnlab.commands.watch.watch import Watch
from dnnlab.config import load
from dnnlab.engine.records import Epoch
from dnnlab.engine.stop import Stop
from dnnlab.errors import RunError
from dnnlab.rundir import reopen

ON = {f"logging.{key}": "50 steps" for key in ("steps_every", "update_ratio_every", "gradient_norm_every")}
ON |= {f"logging.{key}": "auto" for key in ("activations_every", "dead_units_every", "predictions_every")}


def add(run: Path, file: str, *rows: dict[str, Any]) -> None:
    with (run / file).open("a") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Three epochs of ten steps, with one row of every record."""
    made = make_run(tmp_path / "runs", config=ON)
    for file, inside, values in (
        ("update_ratios.jsonl", "ratios", {"hidden1.weight": 2e-3, "output.weight": None}),
        ("gradients.jsonl", "norms", {"hidden1": 0.5, "hidden1.normalization": 0.1, "output": 0.25}),
        ("dead_units.jsonl", "units", {"hidden1": {"dead": 3, "of": 16}}),
        ("activations.jsonl", "layers", {"hidden1": {"saturated": 0.5}, "output": {"saturated": None}}),
    ):
        add(made, file, {"step": 25, "epoch": 3, inside: values})
    return made


def test_a_snapshot_tells_what_the_records_say(run: Path) -> None:
    told = Watch(run).snapshot().json()
    assert {
        key: told[key]
        for key in (
            "run",
            "status",
            "monitor",
            "epoch",
            "epochs",
            "step",
            "steps",
            "seconds",
            "off",
            "problems",
        )
    } == {
        "run": str(run),
        "status": "done",
        "monitor": "val_accuracy",
        "epoch": 3,
        "epochs": 3,
        "step": 30,
        "steps": 30,
        "seconds": 6.0,
        "off": {},
        "problems": ["data.json is missing"],
    }
    assert (told["best"]["epoch"], told["last"]["metrics"]["val_accuracy"]) == (2, 0.6)
    assert told["curves"]["val_loss"] == {"unit": "epoch", "points": [[1, 2.0], [2, 1.0], [3, 2 / 3]]}
    assert told["update_ratios"] == {"hidden1.weight": 2e-3, "output.weight": None}
    assert told["gradient_norms"] == {"hidden1": 0.5, "output": 0.25, "hidden1.normalization": 0.1}
    assert (told["dead_units"], told["saturated"]) == ({"hidden1": {"dead": 3, "of": 16}}, {"hidden1": 0.5})


def test_the_verdicts_are_the_doctors(run: Path) -> None:
    from dnnlab.commands.doctor.doctor import examine

    add(run, "update_ratios.jsonl", {"step": 30, "epoch": 3, "ratios": {"hidden1.weight": 2.0}})
    change_meta(run, status="diverged", reason="step 30: the loss is not finite")
    snapshot, examined = Watch(run).snapshot(), examine(str(run), run.parent)
    assert [verdict.name for verdict in snapshot.diagnosis.verdicts] == [
        verdict.name for verdict in examined.diagnosis.verdicts
    ]
    assert "learning_rate_too_high" in [verdict["name"] for verdict in snapshot.json()["verdicts"]]


def test_records_that_are_off_and_those_that_never_came(tmp_path: Path) -> None:
    run = make_run(
        tmp_path, config={**ON, "logging.update_ratio_every": "none", "logging.dead_units_every": None}
    )
    snapshot = Watch(run).snapshot()
    assert snapshot.off == {
        "update ratios": "logging.update_ratio_every",
        "dead units": "logging.dead_units_every",
    }
    assert snapshot.late == {
        "gradient norms": "logging.gradient_norm_every: 50 steps",
        "saturated shares": "logging.activations_every: auto",
    }


@pytest.mark.parametrize(
    ("file", "line"),
    [("metrics.jsonl", b'{"epoch": 4, "st'), ("metrics.jsonl", b"damage\n"), ("gradients.jsonl", b"\n")],
)
def test_damage_is_read_up_to_it_and_named(run: Path, file: str, line: bytes) -> None:
    with (run / file).open("ab") as stream:
        stream.write(line)
    snapshot = Watch(run).snapshot()
    assert (snapshot.progress.epoch, len(snapshot.layers)) == (3, 3)
    assert [problem for problem in snapshot.problems if problem.startswith(file)]


@pytest.mark.parametrize(
    ("file", "row"),
    [
        ("metrics.jsonl", {"epoch": "x", "step": [1], "val_loss": {}, "seconds": "long"}),
        ("update_ratios.jsonl", {"step": None, "ratios": [1, 2]}),
        ("dead_units.jsonl", {"units": {"hidden1": 4, "output": {"dead": "all"}}}),
        ("activations.jsonl", {"layers": {"hidden1": []}}),
        ("steps.jsonl", {"step": 1e999, "loss": True}),
    ],
)
def test_rows_of_strangers_do_no_harm(run: Path, file: str, row: dict[str, Any]) -> None:
    (run / file).write_text(json.dumps(row).replace("Infinity", "null") + "\n")
    assert json.dumps(Watch(run).snapshot().json(), allow_nan=False)


def test_a_folder_that_says_nothing_is_refused(run: Path) -> None:
    (run / "meta.json").write_text("{")
    with pytest.raises(RunError, match="does not say how it went"):
        Watch(run).snapshot()


def test_following_a_run_ends_with_it(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dnnlab.commands.watch.watch.SECONDS_BETWEEN_LOOKS", 0.005)
    change_meta(run, status="running")
    held, seen, events = reopen(run), [], iter(["row", "size", "end"])

    def wait(seconds: float) -> bool:
        time.sleep(seconds)
        event = next(events, "")
        if event == "row":
            add(run, "metrics.jsonl", {"epoch": 4, "step": 40, "seconds": 8.0, "val_accuracy": 0.9})
        elif event == "end":
            held.update_meta(status="stopped_early", reason="enough")
        return event == "size"

    for snapshot in Watch(run).follow(wait):
        seen.append((snapshot.status, snapshot.progress.epoch))
        assert len(seen) < 10_000
    held.close()
    assert list(dict.fromkeys(seen)) == [("running", 3), ("running", 4), ("stopped_early", 4)]


def test_a_process_that_dies_is_noticed(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dnnlab.commands.watch.watch.SECONDS_BETWEEN_LOOKS", 0.005)
    change_meta(run, status="running")
    held = reopen(run)

    def wait(seconds: float) -> bool:
        time.sleep(seconds)
        held.close()
        return False

    assert [snapshot.status for snapshot in Watch(run).follow(wait)][-1] == "killed"


def test_a_folder_that_vanishes_ends_the_watch(run: Path) -> None:
    import shutil

    watch = Watch(run)
    shutil.rmtree(run)
    watch.view.look()
    with pytest.raises(RunError, match=r"the folder is gone|meta.json"):
        watch.snapshot()


def test_a_resumed_run_is_read_anew(run: Path) -> None:
    watch = Watch(run)
    assert watch.snapshot().progress.epoch == 3
    lines = (run / "metrics.jsonl").read_text().splitlines(keepends=True)
    (run / "metrics.jsonl").write_text(lines[0])
    assert watch.view.look()
    assert watch.snapshot().progress.epoch == 1


def test_looking_writes_nothing(run: Path) -> None:
    before = contents(run)
    watch = Watch(run)
    watch.snapshot()
    watch.view.look()
    assert contents(run) == before


def test_a_run_that_is_watched_is_the_same_run(tmp_path: Path) -> None:
    (tmp_path / "alone").mkdir()
    alone = trained(tmp_path / "alone")
    config, watches, over = load(write(tmp_path, small())), [], threading.Event()

    def look() -> None:
        while not over.wait(0.001):
            for watch in watches:
                watch.view.look()
                watch.snapshot()

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        for event in train(config, tmp_path / "runs", stop=Stop()):
            if not watches and hasattr(event, "path"):
                watches.append(Watch(event.path))
            elif isinstance(event, Epoch):
                assert watches[0].view.status == "running", "looking takes no lock"
    finally:
        over.set()
        watcher.join()
    assert_same(alone, watches[0].view.path)


def test_the_curves_of_a_young_run_are_made_of_steps(run: Path) -> None:
    rows = [{"step": step, "epoch": 1, "loss": 1 / step, "lr": 0.1} for step in range(1, 21)]
    add(run, "steps.jsonl", *rows)
    told = Watch(run).snapshot().json()["curves"]
    assert told["step loss"] == {"unit": "step", "points": [[row["step"], row["loss"]] for row in rows]}
    assert (len(told["lr"]["points"]), len(told["val_loss"]["points"]), "loss" in told) == (20, 3, False)


@pytest.mark.parametrize(("better", "best"), [("max", (2, 5.0)), ("min", (1, 1.0)), ("", None)])
def test_the_best_value_is_the_first_of_the_best(better: str, best: tuple[int, float] | None) -> None:
    rows = [{"epoch": i, "m": value} for i, value in enumerate([1.0, 5.0, None, 5.0, 1.0], 1)]
    found = curve("m", "epoch", rows, "m", better)
    assert (found.best, found.now, found.points[2]) == (best, 1.0, (3, None))


@pytest.mark.parametrize(("count", "most"), [(0, 4), (4, 4), (5, 4), (1000, 7)])
def test_thinned_rows_keep_the_last(count: int, most: int) -> None:
    kept = thin(range(count), most)
    assert len(kept) <= most
    assert list(kept[-1:]) == list(range(count))[-1:]
    assert len({b - a for a, b in pairwise(kept)}) <= 1


def test_time_left_is_that_of_the_last_epochs() -> None:
    epochs = [{"epoch": i, "step": 10 * i, "seconds": 100.0 + 2 * i} for i in range(1, 20)]
    assert recent_pace(epochs) == pytest.approx(0.2)
    found = progress_of({"training.epochs": 30}, {}, epochs, step=195, watched=None)
    assert (found.steps, found.step, found.left) == (300, 195, pytest.approx(105 * 0.2))
    assert not found.at_most


@pytest.mark.parametrize(
    ("config", "left", "at_most"),
    [
        ({"training.max_minutes": 2.5}, 150 - 138.0, True),
        ({"training.max_minutes": 300}, 110 * 0.2, True),
        ({"regularizers.early_stopping": "early_stopping"}, 110 * 0.2, True),
    ],
)
def test_what_may_end_it_earlier(config: dict[str, Any], left: float, at_most: bool) -> None:
    epochs = [{"epoch": i, "step": 10 * i, "seconds": 100.0 + 2 * i} for i in range(1, 20)]
    found = progress_of({"training.epochs": 30, **config}, {}, epochs, step=0, watched=None)
    assert (found.left, found.at_most) == (pytest.approx(left), at_most)


def test_before_the_first_epoch_is_over_steps_are_counted_and_the_pace_is_seen(run: Path) -> None:
    config = {"training.epochs": 4, "training.batch_size": 32, "training.accumulate": 2}
    assert progress_of(config, {"train": 1000}, [], step=8, watched=None).left is None
    found = progress_of(config, {"train": 1000}, [], step=8, watched=0.5)
    assert (found.epoch, found.steps, found.left) == (0, 4 * 16, (64 - 8) * 0.5)


@pytest.mark.parametrize(
    ("size", "rows", "expected"),
    [("full", 100, 1), (32, 97, 3), (32, 98, 4), (200, 97, 1), ("x", 97, None), (32, 0, None)],
)
def test_steps_of_an_epoch_by_its_sizes(size: Any, rows: int, expected: int | None) -> None:
    assert per_epoch_of({"training.batch_size": size}, {"train": rows}, []) == expected


def test_a_real_run_while_it_trains(tmp_path: Path) -> None:
    """The numbers of the screen against those of the engine, in the middle of the run."""
    config, stop, watch = load(write(tmp_path, small())), Stop(), None
    events = train(config, tmp_path / "runs", stop=stop)
    for event in events:
        if isinstance(event, Epoch) and event.epoch == 2:
            watch = Watch(next((tmp_path / "runs").iterdir()))
            told, row = watch.snapshot().json(), event.row
            break
    assert watch is not None
    assert (told["status"], told["epoch"], told["step"], told["epochs"]) == ("running", 2, row["step"], 3)
    assert told["last"]["metrics"]["val_loss"] == row["val_loss"]
    assert told["steps"] == 3 * row["step"] // 2
    assert math.isclose(told["seconds_left"], row["seconds"] / 2, rel_tol=0.7)
    drain(events, stop)
    assert watch.view.look()
    assert (watch.snapshot().status, watch.snapshot().progress.left) == ("done", 0.0)
