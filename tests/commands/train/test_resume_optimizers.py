"""Every optimizer resumes from a run folder exactly to the last bit.

The run is interrupted in the middle of an epoch, under a warmup that starts at rate 0.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helpers.trainings import assert_same, resumed, rows, trained

from dnnlab import registry


@pytest.mark.parametrize("entry", registry.entries("optimizer"), ids=lambda entry: entry.name)
def test_an_interrupted_run_ends_like_one_that_was_left_alone(entry: Any, tmp_path: Path) -> None:
    full = entry.flags["full_batch"]
    changes = {
        "optimizer": {"name": entry.name, **entry.example},
        "schedule": {"name": "cosine", "warmup": "2 steps"},
        "training": {"batch_size": "full", "epochs": 6} if full else {"epochs": 2},
    }
    runs = []
    for name, after in (("whole", None), ("cut", 3 if full else 13)):
        (tmp_path / name).mkdir()
        runs.append(trained(tmp_path / name, after=after, **changes))
    assert resumed(runs[1])[-1].result["status"] == "done"
    assert_same(*runs)


@pytest.mark.parametrize(
    "schedule",
    [
        {"name": "polynomial", "over": "50 %"},
        {"name": "piecewise_constant", "boundaries": ["2 epochs", "4 epochs"], "values": [1, 0, 0.5]},
        {"name": "constant", "warmup": "2 steps"},
    ],
    ids=lambda schedule: schedule["name"],
)
def test_lbfgs_rests_while_the_rate_is_0(schedule: dict[str, Any], tmp_path: Path) -> None:
    changes = {
        "data": "moons",
        "optimizer": "lbfgs",
        "schedule": schedule,
        "training": {"batch_size": "full", "epochs": 6},
    }
    runs = []
    for name, after in (("whole", None), ("cut", 3)):
        (tmp_path / name).mkdir()
        runs.append(trained(tmp_path / name, after=after, **changes))
    assert resumed(runs[1])[-1].result["status"] == "done"
    assert_same(*runs)
    losses = [row["val_loss"] for row in rows(runs[0]) if row["lr"] == 0]
    assert losses and set(losses) == {losses[0]}
