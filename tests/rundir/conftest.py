"""What the tests of the run folder share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from dnnlab.rundir import Checkpoint, RunFolder, create


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """The runs folder, not there yet."""
    return tmp_path / "runs"


@pytest.fixture
def folder(runs: Path) -> Iterator[RunFolder]:
    """A new run, held."""
    with create(runs, "digits") as made:
        yield made


@pytest.fixture
def make_checkpoint() -> Callable[..., Checkpoint]:
    """A small checkpoint whose numbers depend on the step."""

    def make(step: int = 10, **changes: object) -> Checkpoint:
        weight = torch.arange(6, dtype=torch.float32).reshape(2, 3) + step
        fields: dict[str, object] = {
            "epoch": step // 10,
            "step": step,
            "monitor": "val_accuracy",
            "value": 0.5,
            "is_best": False,
            "model": {"hidden1.weight": weight, "hidden1.bias": torch.zeros(2)},
            "best": {"hidden1.weight": weight - 1, "hidden1.bias": torch.ones(2)},
            "averages": None,
            "optimizer": {
                "state": {0: {"step": torch.tensor(float(step)), "exp_avg": weight * 0.1}},
                "param_groups": [{"params": [0, 1]}],
            },
            "state": {"stopper": {"best": float("-inf"), "bad": 3}, "scaler": {"scale": torch.tensor(2.0)}},
        }
        return Checkpoint(**{**fields, **changes})  # type: ignore[arg-type]

    return make


@pytest.fixture
def python() -> Callable[..., subprocess.Popen[str]]:
    """Start a Python process that runs a text; its arguments are in sys.argv[1:]."""

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        root = Path(__file__).parents[2]
        return subprocess.Popen(
            command,
            cwd=root,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return start
