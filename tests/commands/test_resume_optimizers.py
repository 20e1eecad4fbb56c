"""Every optimizer goes on from a folder to the last bit, cut in the middle of an epoch and under a warmup that starts at rate 0."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dnnlab import registry
from runs import assert_same, resumed, trained


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
