"""A run that was killed, again and again, ends bit by bit like one that was left alone."""

from __future__ import annotations

import itertools
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from helpers.kills import Aim, checkpoints, differences, draw, live, reference, write_job


def test_two_kills_leave_no_trace(tmp_path: Path) -> None:
    write_job(tmp_path, epochs=6)
    with (
        ThreadPoolExecutor() as pool
    ):  # the reference beside the killed run: most of the time goes into starting processes
        undisturbed = pool.submit(reference, tmp_path)
        run, deaths = live(tmp_path, "killed", [Aim(3, False), Aim(20, True)])
        expected = undisturbed.result()
    assert differences(run, expected) == []
    assert len(deaths) == 2
    assert deaths[0].before_first

    # The comparison itself can fail: one bit of one weight, one row, one counter.
    damaged = tmp_path / "damaged"
    shutil.copytree(expected, damaged)
    last = max((damaged / "checkpoints").iterdir())
    flip_last_bit(last / "averages.safetensors")
    rows = (damaged / "steps.jsonl").read_text().splitlines()
    (damaged / "steps.jsonl").write_text("\n".join(rows[:-1]) + "\n")
    state = json.loads((last / "state.json").read_text())
    (last / "state.json").write_text(json.dumps({**state, "epoch": 99}))
    found = differences(damaged, expected)
    assert (
        f"steps.jsonl: {len(rows) - 1} rows, expected {len(rows)}; they differ from line {len(rows)} on"
        in found
    )
    assert f"checkpoint of step {max(checkpoints(expected))}: state.json" in found
    assert sum("averages/" in line for line in found) == 1
    assert len(found) == 3


def flip_last_bit(file: Path) -> None:
    """Change the last number of a file by its last bit."""
    content = bytearray(file.read_bytes())
    content[-4] ^= 1
    file.write_bytes(content)


def test_aims_rise_and_every_third_is_in_a_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "steps.jsonl").write_text(
        "".join(f'{{"epoch": {epoch}}}\n' for epoch in range(1, 41) for _ in range(5))
    )
    aims = draw(tmp_path, 7, np.random.default_rng(1))
    assert [aim.in_checkpoint for aim in aims] == [False, False, True, False, False, True, False]
    assert 1 <= aims[0].rows < 5
    assert all(5 <= a.rows < b.rows < 195 for a, b in itertools.pairwise(aims[1:]))
    assert [aim.in_checkpoint for aim in draw(tmp_path, 3, np.random.default_rng(1), already=7)] == [
        False,
        True,
        False,
    ]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_kills_leave_no_trace(tmp_path: Path) -> None:
    write_job(tmp_path, epochs=500)  # half a minute
    expected = reference(tmp_path)
    run, deaths = live(tmp_path, "killed", draw(expected, 10, np.random.default_rng(0)))
    assert differences(run, expected) == []
    assert len(deaths) == 10
    assert deaths[0].before_first
    assert any(death.in_checkpoint for death in deaths)
