"""Machines that refuse: no memory, no disk. One clear message, the right exit code, nothing made or lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.trainings import assert_same, drain, resumed, small, trained, write

from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.engine.stop import Stop
from dnnlab.errors import DnnlabError, OutOfMemoryError, StorageError

ROOT = Path(__file__).parents[3]
LAYER = '''"""A layer that finds no memory."""
from dnnlab.registry import part


@part("activation", source="this test")
def hungry(width: int, *, error: str = "torch", after: int = 0):
    """The identity, until it has run `after` times in training."""
    import torch
    from torch import nn

    errors = {
        "torch": torch.OutOfMemoryError("CUDA says no"),
        "python": MemoryError(),
        "runtime": RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: "
            "can't allocate memory: you tried to allocate 9"
        ),
        "other": RuntimeError("something else"),
    }

    class Hungry(nn.Module):
        runs = 0

        def forward(self, inputs):
            if self.training:
                self.runs += 1
            if self.runs > after or after == 0:
                raise errors[error]
            return inputs

    return Hungry()
'''


def hungry(folder: Path, **keys: Any) -> dict[str, Any]:
    (folder / "hungry.py").write_text(LAYER)
    return small(plugins=["hungry.py"], activation={"name": "hungry", **keys})


@pytest.mark.parametrize("kind", ["torch", "python", "runtime"])
def test_no_memory_while_building_makes_nothing(kind: str, tmp_path: Path) -> None:
    config = load(write(tmp_path, hungry(tmp_path, error=kind)))
    with pytest.raises(OutOfMemoryError) as caught:
        drain(train(config, tmp_path / "runs"), Stop())
    assert caught.value.exit_code == 4 and caught.value.code == "out_of_memory"
    assert "no memory left: " in str(caught.value) and "lower training.batch_size" in str(caught.value)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("kind", ["torch", "python", "runtime"])
def test_no_memory_while_training_is_the_runs_status(kind: str, tmp_path: Path) -> None:
    config = load(write(tmp_path, hungry(tmp_path, error=kind, after=15)))
    with pytest.raises(OutOfMemoryError):
        drain(train(config, tmp_path / "runs"), Stop())
    (run,) = (tmp_path / "runs").iterdir()
    meta = json.loads((run / "meta.json").read_text())
    assert (
        meta["status"] == "out_of_memory"
        and "no memory left" in meta["reason"]
        and meta["last"]["epoch"] == 1
    )


@pytest.mark.parametrize("units", [10**13, 10**18])
def test_a_net_that_no_machine_can_hold_is_a_want_of_memory(units: int, tmp_path: Path) -> None:
    config = load(
        write(
            tmp_path,
            small(
                architecture={"name": "mlp", "hidden": [units]}, activation={"name": "maxout", "pieces": 99}
            ),
        )
    )
    with pytest.raises(OutOfMemoryError, match=r"hidden1 need [\d,]+ GB of memory, .* are free"):
        drain(train(config, tmp_path / "runs"), Stop())


def test_another_error_of_a_part_is_no_memory_error(tmp_path: Path) -> None:
    config = load(write(tmp_path, hungry(tmp_path, error="other", after=15)))
    with pytest.raises(RuntimeError, match="something else"):
        drain(train(config, tmp_path / "runs"), Stop())
    (run,) = (tmp_path / "runs").iterdir()
    meta = json.loads((run / "meta.json").read_text())
    assert meta["status"] == "failed" and meta["reason"] == "RuntimeError: something else"


def test_a_net_that_fits_no_machine(tmp_path: Path) -> None:
    config = load(
        write(
            tmp_path,
            {"data": {"name": "moons", "samples": 100}, "architecture": {"hidden": [1000000, 1000000000]}},
        )
    )
    with pytest.raises(OutOfMemoryError) as caught:
        drain(train(config, tmp_path / "runs"), Stop())
    assert caught.value.exit_code == 4
    assert not (tmp_path / "runs").exists()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from dnnlab.commands.train.train import train
from dnnlab.commands.train.events import Saved
from dnnlab.config import load
from dnnlab.errors import DnnlabError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
saved = 0
try:
    if sys.argv[3] == "0":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
    for event in train(load(Path(sys.argv[1])), Path(sys.argv[2])):
        saved += isinstance(event, Saved)
        if saved == int(sys.argv[3]):
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
except DnnlabError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def on_a_full_disk(config: Path, runs: Path, after: int, size: int) -> subprocess.CompletedProcess[str]:
    """Train in a process whose files may not grow beyond `size` bytes once `after` checkpoints are there."""
    command = [sys.executable, "-c", FULL_DISK, str(config), str(runs), str(after), str(size)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_a_disk_that_fills_up_during_a_checkpoint(tmp_path: Path) -> None:
    config = {"architecture": {"hidden": [64]}}
    done = on_a_full_disk(write(tmp_path, small(**config)), tmp_path / "runs", after=1, size=9000)
    assert done.returncode == 5, done.stderr
    assert "the checkpoint of step 20 could not be written: File too large" in done.stdout
    assert "`dnnlab resume " in done.stdout
    (run,) = (tmp_path / "runs").iterdir()
    (left,) = (run / "checkpoints").iterdir()
    assert left.name.startswith("epoch-0001_step-000010")
    assert resumed(run)[0].resumed == {"epoch": 1, "step": 10}
    (tmp_path / "whole").mkdir()
    assert_same(trained(tmp_path / "whole", **config), run)


@pytest.mark.parametrize("size", [100, 1500])
def test_a_disk_that_is_full_at_the_start_leaves_nothing(size: int, tmp_path: Path) -> None:
    done = on_a_full_disk(write(tmp_path, small()), tmp_path / "deep" / "runs", after=0, size=size)
    assert done.returncode == 5, done.stderr
    assert "cannot write: File too large" in done.stdout
    assert not (tmp_path / "deep").exists()


@pytest.mark.skipif(os.name == "nt", reason="folders have no such permissions on Windows")
def test_a_runs_folder_that_cannot_be_written_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where the folder should be")
    with pytest.raises(StorageError) as caught:
        drain(train(load(write(tmp_path, small())), tmp_path / "runs"), Stop())
    assert caught.value.exit_code == 5
    assert "cannot write" in str(caught.value) and "--runs-dir" in str(caught.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["experiment.yaml", "runs"]


def test_every_error_of_dnnlab_has_a_code_of_its_own() -> None:
    kinds = DnnlabError.__subclasses__()
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert {kind.exit_code for kind in kinds} == {2, 3, 4, 5}
