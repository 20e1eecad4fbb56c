"""Trials that go wrong in every way: each has its own status, and the sweep goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Swept = Callable[..., Any]
Call = Callable[..., tuple[int, str, str]]


def modes(plugin: str, *words: str) -> dict[str, Any]:
    """Keys of a sweep that tries each of these modes of `trouble`, one worker after the other."""
    search = {"activation.mode": {"choice": list(words)}}
    return {
        "base": {"plugins": [plugin], "activation": {"name": "trouble"}},
        "search": search,
        "sampler": "grid",
    }


def test_each_kind_of_trouble_has_its_own_status(swept: Swept, write: Any, plugin: str) -> None:
    words = ["fine", "nan", "memory", "hang", "noisy", "exit", "vanish", "die", "fault"]
    code, left = swept(write(**modes(plugin, *words), timeout="2 s", retries=0, workers=2))
    ended = {words[t.point["activation.mode"]]: (t.state, t.status) for t in left.ledger.trials.values()}
    assert ended == {
        "fine": ("done", "done"),
        "nan": ("failed", "diverged"),
        "memory": ("failed", "out_of_memory"),
        "hang": ("failed", "timeout"),
        "noisy": ("done", "done"),
        "exit": ("failed", "no_result"),
        "vanish": ("failed", "no_result"),
        "die": ("failed", "killed"),
        "fault": ("failed", "failed"),
    }
    assert (code, left.status) == (0, "done")
    reasons = {words[t.point["activation.mode"]]: t.reason for t in left.ledger.trials.values()}
    assert "training diverged" in reasons["nan"]
    assert "longer than 2 seconds" in reasons["hang"]
    assert "SIGKILL" in reasons["die"]
    assert reasons["fault"] == "ValueError: no good"
    hung = json.loads((left.path / "trials/0-0003-s0/meta.json").read_text())
    assert (hung["status"], hung["reason"]) == ("terminated", reasons["hang"])
    printed = left.path / "trials/0-0004-s0/output.txt"
    assert (
        1_000_000 <= printed.stat().st_size < 1_001_000
        and "more bytes were printed" in printed.read_text()[-100:]
    )
    assert not (left.path / "trials/0-0000-s0/output.txt").exists()
    assert "ValueError: no good" in (left.path / "trials/0-0008-s0/log.txt").read_text()


def test_a_run_whose_process_died_goes_on_and_is_given_up_after_its_retries(
    swept: Swept, write: Any, plugin: str
) -> None:
    code, left = swept(write(**modes(plugin, "die", "fine"), retries=2, workers=1))
    kinds = [row["event"] for row in left.events if row.get("trial") == 0]
    assert kinds == ["planned", "started", "retry", "started", "retry", "started", "failed"]
    assert left.ledger.trials[0].reason.endswith("(SIGKILL), 3 times")
    assert code == 0 and left.ledger.trials[1].state == "done"


def test_failed_trials_can_be_tried_again(swept: Swept, write: Any, plugin: str, tmp_path: Path) -> None:
    code, left = swept(write(**modes(plugin, "fine", "fault"), workers=1))
    assert code == 0 and left.ledger.counts()["failed"] == 1
    code, left = swept("last", "--retry-failed", verb="resume")
    assert [row["event"] for row in left.events if row.get("trial") == 1] == [
        "planned",
        "started",
        "failed",
        "again",
        "started",
        "failed",
    ]


def test_no_success_at_all_is_a_failure(swept: Swept, write: Any, plugin: str) -> None:
    code, left = swept(write(**modes(plugin, "nan", "memory")))
    assert (code, left.status) == (1, "failed")
    assert not (left.path / "best.yaml").exists()


def test_trials_that_all_fail_alike_end_the_sweep_with_the_reason(
    dnnlab: Call, write: Any, plugin: str, runs: Path
) -> None:
    sweep = {
        **modes(plugin),
        "search": {"optimizer.lr": {"log_uniform": [1e-3, 1e-1]}},
        "sampler": "random",
        "trials": 30,
    }
    sweep["base"]["activation"]["mode"] = "fault"
    code, _, err = dnnlab("sweep", write(**sweep))
    text = " ".join(err.split())
    assert code == 1 and "5 trials in a row failed for the same reason: ValueError: no good" in text
    assert "--retry-failed" in text and "next dnnlab resume" in text


def test_workers_that_die_before_they_are_ready_end_the_sweep(
    dnnlab: Call, write: Any, monkeypatch: pytest.MonkeyPatch, runs: Path
) -> None:
    from dnnlab.commands.sweep.workers import executor

    monkeypatch.setattr(executor, "run_worker", print)  # a worker that says nothing and ends
    code, _, err = dnnlab("sweep", write(trials=3))
    text = " ".join(err.split())
    assert (
        code == 1
        and "3 workers in a row died before they were ready: its process ended without a result" in text
    )
    assert "dnnlab resume" in text


def test_a_full_disk_ends_the_sweep_and_nothing_is_lost(
    dnnlab: Call, swept: Swept, write: Any, plugin: str, runs: Path
) -> None:
    code, _, err = dnnlab("sweep", write(**modes(plugin, "fine", "full", "noisy"), workers=1))
    text = " ".join(err.split())
    assert code == 5 and "cannot write" in text and "dnnlab resume" in text
    left = next(runs.iterdir())
    from dnnlab.commands.sweep.results.view import read_sweep

    counts = read_sweep(left).ledger.counts()
    assert counts == {"planned": 3, "done": 1, "pruned": 0, "failed": 0, "pending": 2}
