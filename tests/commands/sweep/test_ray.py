"""`executor: ray` on a real cluster of this machine: the same sweep, the same folder, the same guarantees."""

from __future__ import annotations

import importlib.util
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.sweep_processes import (
    Left,
    alive,
    count,
    killed_worker_and_coordinator,
    the_sweep,
    until,
    workers_of,
)

HERE = importlib.util.find_spec("ray") is not None
with_ray = pytest.mark.skipif(not HERE, reason='Ray is not installed: pip install "dnnlab[ray]"')
Process = Callable[..., Any]
Swept = Callable[..., Any]
Call = Callable[..., tuple[int, str, str]]
LONGER = {"training": {"epochs": 200, "batch_size": 32}, "checkpoint": {"every": 5}}


def actors_of(process: int) -> list[int]:
    """The processes that train for a coordinator whose cluster is its own."""
    return [pid for pid in workers_of(process) if b"RayWorker" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def ends(left: Left) -> dict[str, Any]:
    """What each run found, bit by bit."""
    metas = {path.name: json.loads((path / "meta.json").read_text()) for path in left.path.glob("trials/*")}
    return {
        name: {key: meta[key] for key in ("best", "last", "status", "config", "threads")}
        for name, meta in metas.items()
    }


@pytest.fixture
def in_process(process: Process) -> Callable[..., Left]:
    """Run a command line in a process of its own to its end; what it left.

    Raises `AssertionError` unless it ended well.
    """

    def call(*words: object) -> Left:
        child = process(*words, "--quiet")
        out, err = child.communicate(timeout=200)
        assert child.returncode == 0, err
        assert err == ""
        (path,) = out.splitlines()
        return Left(Path(path))

    return call


@with_ray
@pytest.mark.slow
def test_killed_workers_and_a_killed_coordinator_leave_no_trace(
    process: Process, in_process: Callable[..., Left], write: Any, runs: Path, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {"base": LONGER, "trials": 6, "workers": 2, "retries": 5}
    reference = in_process("sweep", write(name="local.yaml", **keys), "--runs-dir", tmp_path / "reference")
    child = process("sweep", write(executor="ray", **keys))
    left = killed_worker_and_coordinator(child, runs, actors_of)
    counts = left.ledger.counts()
    assert (
        left.status == "killed"
        and counts["planned"] == 6 == counts["done"] + counts["pending"]
        and counts["pending"] > 0
    )
    resumed = in_process("resume", "last")
    assert resumed.path.name == left.path.name and resumed.status == "done"
    assert resumed.results() == reference.results()
    assert resumed.ledger.counts() == reference.ledger.counts()
    assert ends(resumed) == ends(reference)


@with_ray
@pytest.mark.slow
def test_each_kind_of_trouble_has_its_own_status(
    in_process: Callable[..., Left], write: Any, plugin: str
) -> None:
    words = ["fine", "nan", "memory", "hang", "noisy", "exit", "die", "fault"]
    base = {"plugins": [plugin], "activation": {"name": "trouble"}}
    search = {"activation.mode": {"choice": words}}
    keys: dict[str, Any] = {
        "sampler": "grid",
        "timeout": "2 s",
        "retries": 0,
        "workers": 2,
        "executor": "ray",
    }
    left = in_process("sweep", write(base=base, search=search, **keys))
    ended = {words[int(t.point["activation.mode"])]: t.status for t in left.ledger.trials.values()}
    assert ended == {
        "fine": "done",
        "nan": "diverged",
        "memory": "out_of_memory",
        "hang": "timeout",
        "noisy": "done",
        "exit": "no_result",
        "die": "killed",
        "fault": "failed",
    }
    counts = left.ledger.counts()
    assert (counts["planned"], counts["done"], counts["failed"], counts["pending"]) == (8, 2, 6, 0)
    assert (left.path / "trials/0-0004-s0/output.txt").stat().st_size >= 1_000_000


@with_ray
@pytest.mark.slow
def test_a_pruner_hears_every_epoch(in_process: Callable[..., Left], write: Any) -> None:
    keys: dict[str, Any] = {
        "base": {"training": {"epochs": 6}},
        "trials": 12,
        "workers": 1,
        "pruner": "median",
    }
    reference = in_process("sweep", write(name="local.yaml", **keys))
    left = in_process("sweep", write(executor="ray", **keys))
    assert left.results() == reference.results()
    assert left.ledger.counts()["pruned"] == reference.ledger.counts()["pruned"] > 0


@with_ray
@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "status"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_sweep_that_is_asked_to_end_saves_its_runs(
    process: Process, write: Any, runs: Path, number: int, code: int, status: str
) -> None:
    child = process(
        "sweep", write(base={**LONGER, "training": {"epochs": 2000}}, trials=3, workers=2, executor="ray")
    )
    until(lambda: count(runs, "started") >= 2)
    actors = actors_of(child.pid)
    child.send_signal(number)
    _, err = child.communicate(timeout=60)
    assert child.returncode == code, err
    left = the_sweep(runs)
    assert left is not None and left.status == status
    assert "Ray cluster of this machine" in err and "Traceback" not in err
    assert len(actors) == 2 and not any(map(alive, actors))
    started = [left.path / "trials" / row["run"] for row in left.events if row["event"] == "started"]
    assert all(list(run.glob("checkpoints/*/MANIFEST.json")) for run in started)


@with_ray
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("wrong", ["unwritable", "elsewhere", "other version"])
def test_a_node_that_will_not_do_is_named(
    dnnlab: Call, write: Any, runs: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    from dnnlab.commands.sweep.workers import ray_executor
    from dnnlab.commands.sweep.workers.ray_worker import RayWorker

    class Node(RayWorker):
        """A worker on a node that does not share the folder, or has another version."""

        def probe(self, name: str, text: str) -> dict[str, Any]:
            if wrong == "unwritable":
                self.settings = {**self.settings, "sweep": "/nowhere/at/all"}
            found = super().probe(name, text if wrong != "elsewhere" else "something else")
            return (
                found
                if wrong != "other version"
                else {**found, "versions": {**found["versions"], "torch": "1.0"}}
            )

    monkeypatch.setattr(ray_executor, "RayWorker", Node)
    monkeypatch.setattr(ray_executor, "SEEN", 0.3)
    code, _, err = dnnlab("sweep", write(trials=2, executor="ray"))
    text = " ".join(err.split())
    expected = {
        "unwritable": "cannot write into",
        "elsewhere": "did not arrive here",
        "other version": "has torch 1.0, and this machine",
    }
    assert code == 2 and "the node" in text and expected[wrong] in text
    assert wrong == "other version" or "--runs-dir FOLDER on a file system that all nodes share" in text
    assert meta_status(runs) == "failed"


def meta_status(runs: Path) -> str:
    """The status of the one sweep."""
    left = the_sweep(runs)
    assert left is not None
    return left.status


@with_ray
@pytest.mark.slow
def test_a_cluster_that_does_not_answer_leaves_nothing_behind(
    process: Process, write: Any, runs: Path
) -> None:
    child = process("sweep", write(trials=2, executor={"name": "ray", "address": "127.0.0.1:1"}))
    _, err = child.communicate(timeout=60)
    text = " ".join(err.split())
    assert (
        child.returncode == 2
        and "no Ray cluster answers at address 127.0.0.1:1" in text
        and "nothing was created" in text
    )
    assert not runs.exists()


def test_without_ray_the_pip_command_is_said(
    dnnlab: Call, write: Any, monkeypatch: pytest.MonkeyPatch, runs: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    code, _, err = dnnlab("sweep", write(trials=2, executor="ray"))
    assert code == 2 and 'pip install "dnnlab[ray]"' in " ".join(err.split())
    assert not runs.exists()


@pytest.mark.parametrize(
    ("executor", "words"),
    [
        ("cloud", "expected local, ray, or {name: ray, address: auto}"),
        ({"name": "ray", "adress": "auto"}, "expected local, ray, or {name: ray, address: auto}"),
        (
            {"name": "ray", "address": "ray://head:10001"},
            "auto (a cluster that runs), local (one of this machine) or HOST:PORT",
        ),
    ],
)
def test_an_executor_that_is_none(dnnlab: Call, write: Any, executor: Any, words: str) -> None:
    code, _, err = dnnlab("sweep", write(trials=2, executor=executor))
    assert code == 2 and words in " ".join(err.split()) and "try.yaml:" in err
