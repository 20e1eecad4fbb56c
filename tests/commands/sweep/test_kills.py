"""SIGKILL, Ctrl-C, SIGTERM: nothing is lost, and what comes out is what would have come out anyway."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from helpers.sweep_processes import (
    Left,
    alive,
    count,
    kill,
    killed_worker_and_coordinator,
    the_sweep,
    until,
    workers_of,
)

Process = Callable[..., "subprocess.Popen[str]"]
Swept = Callable[..., Any]
Call = Callable[..., tuple[int, str, str]]
LONGER = {"training": {"epochs": 60, "batch_size": 32}, "checkpoint": {"every": 5}}


def the_same(left: Left, reference: Left) -> None:
    """Both sweeps have the same points and, bit by bit, the same results; every ledger adds up."""
    assert left.results() == reference.results()
    assert left.ledger.counts() == reference.ledger.counts()
    for run in reference.path.glob("trials/*"):
        ours, theirs = (
            json.loads((path / "trials" / run.name / "meta.json").read_text())
            for path in (left.path, reference.path)
        )
        assert {key: ours[key] for key in ("best", "last", "status")} == {
            key: theirs[key] for key in ("best", "last", "status")
        }


def test_a_killed_worker_and_a_killed_coordinator_leave_no_trace(
    process: Process, swept: Swept, write: Any, runs: Path, tmp_path: Path
) -> None:
    sweep = write(base=LONGER, trials=4, workers=2, retries=5)
    reference = swept(sweep, "--runs-dir", tmp_path / "reference")[1]
    child = process("sweep", sweep)
    left = killed_worker_and_coordinator(child, runs, workers_of)
    assert left.status == "killed"
    counts = left.ledger.counts()
    assert counts["planned"] == 4 == counts["done"] + counts["pending"]
    with (left.path / "journal.log").open("a") as journal:
        journal.write('{"op_code": 4, "torn')
    with (left.path / "ledger.jsonl").open("a") as ledger:
        ledger.write('{"event": "result", "tri')
    code, resumed = swept("last", verb="resume")
    assert code == 0 and resumed.path.name == left.path.name
    the_same(resumed, reference)


@pytest.mark.parametrize(
    ("number", "code", "status"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_sweep_that_is_asked_to_end_saves_its_runs(
    process: Process, swept: Swept, write: Any, runs: Path, number: int, code: int, status: str
) -> None:
    child = process("sweep", write(base={**LONGER, "training": {"epochs": 400}}, trials=3, workers=2))
    until(lambda: count(runs, "started") >= 2)
    workers = workers_of(child.pid)
    child.send_signal(number)
    out, err = child.communicate(timeout=60)
    assert child.returncode == code, err
    left = the_sweep(runs)
    assert left is not None
    assert f"{status}: saving all runs" in err and f"next     dnnlab resume {left.path.name[-6:]}" in out
    assert "Traceback" not in err
    assert left.status == status and not any(map(alive, workers))
    started = [left.path / "trials" / row["run"] for row in left.events if row["event"] == "started"]
    assert all(list(run.glob("checkpoints/*/MANIFEST.json")) for run in started)
    assert left.ledger.counts()["pending"] == 3


def test_more_trials_later_are_the_trials_that_would_have_been(
    swept: Swept, write: Any, tmp_path: Path
) -> None:
    few, many = write(trials=2), write(name="many.yaml", trials=4)
    reference = swept(many, "--runs-dir", tmp_path / "reference")[1]
    swept(few)
    code, left = swept("last", "--trials", 4, verb="resume")
    assert code == 0
    the_same(left, reference)
    assert [row["event"] for row in left.events].count("raised") == 1


def test_a_sweep_is_held_by_one_process(process: Process, dnnlab: Call, write: Any, runs: Path) -> None:
    child = process("sweep", write(base={"training": {"epochs": 500}}, trials=2))
    until(lambda: count(runs, "started"))
    code, _, err = dnnlab("resume", "last")
    assert code == 2 and f"held by pid {child.pid}" in " ".join(err.split())


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_hundred_trials_under_a_storm_of_kills(
    process: Process, swept: Swept, write: Any, runs: Path, tmp_path: Path
) -> None:
    sweep = write(base={"training": {"epochs": 50, "batch_size": 16}}, trials=100, workers=2, retries=50)
    reference = swept(sweep, "--runs-dir", tmp_path / "reference")[1]
    dice, kills = random.Random(0), 0
    child = process("sweep", sweep)
    while True:
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=2.0)
            assert child.returncode == 0, child.communicate()[1]
            break
        workers = workers_of(child.pid)
        target = child.pid if dice.random() < 0.15 else dice.choice(workers) if workers else None
        if target is None:
            continue  # it is just starting
        with suppress(ProcessLookupError):
            kill(target)
            kills += 1
        left = the_sweep(runs)
        if left is not None:
            counts = left.ledger.counts()
            assert (
                counts["planned"] == counts["done"] + counts["pruned"] + counts["failed"] + counts["pending"]
            )
        if target == child.pid:
            child.wait()
            left = the_sweep(runs)  # it may have been made just now
            if left is not None and left.status == "done":
                break  # killed while it was drawing its picture
            child = process("sweep", sweep) if left is None else process("resume", left.path)
            time.sleep(dice.uniform(0, 2))
    left = the_sweep(runs)
    assert left is not None and kills >= 5
    the_same(left, reference)
