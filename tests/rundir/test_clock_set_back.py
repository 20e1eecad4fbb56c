"""The clock is set back, by a second or by years: the newest run stays the newest."""

from __future__ import annotations

import json
import random
from datetime import datetime
from pathlib import Path

import pytest
from helpers.clock import Clock

from dnnlab.commands.runs.filters import Filters
from dnnlab.commands.runs.list import runs
from dnnlab.rundir import create, find_run, lifecycle, list_runs

DAY = 86400.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    clock.now = 1_800_000_000.0
    monkeypatch.setattr(
        lifecycle, "datetime", type("Now", (), {"now": lambda: datetime.fromtimestamp(clock())})
    )
    return clock


def made(folder: Path) -> Path:
    with create(folder, "digits") as run:
        run.update_meta(status="done", best={}, last={})
        return run.path


def test_the_order_is_that_in_which_they_were_made(tmp_path: Path, clock: Clock) -> None:
    dice, order = random.Random(0), []
    for _ in range(40):
        clock.now += dice.choice([0.0, 1e-3, 1.5, 60.0, 30 * DAY, -1e-3, -1.5, -3600.0, -400 * DAY])
        order.append(made(tmp_path))
        assert list_runs(tmp_path) == order[::-1]
        assert find_run("last", tmp_path) == order[-1]
    assert [summary.path for summary in runs(tmp_path)[0]] == order[::-1]
    assert [summary.path for summary in runs(tmp_path, Filters(sort="created"))[0]] == order[::-1]


def test_since_counts_a_run_that_was_made_after_one_that_counts(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = made(tmp_path)
    clock.now += 10 * DAY
    newer = made(tmp_path)
    clock.now -= 5 * DAY  # the battery was empty
    newest = made(tmp_path)
    monkeypatch.setattr("time.time", lambda: clock.now + 5.1 * DAY)  # and the clock is right again
    found = [summary.path for summary in runs(tmp_path, Filters(since="2d"))[0]]
    assert found == [newest, newer] and old not in found


def test_only_such_a_run_notes_it(tmp_path: Path, clock: Clock) -> None:
    metas = []
    for step in (0.0, 5.0, -60.0, 3600.0):
        clock.now += step
        metas.append(json.loads((made(tmp_path) / "meta.json").read_text()))
    assert ["order" in meta for meta in metas] == [False, False, True, False]
    assert metas[2]["order"] > metas[1]["created"] > metas[2]["created"]
