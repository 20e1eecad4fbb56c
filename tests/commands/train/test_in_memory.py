"""Inputs that stay on the disk train the same net: same rows, same weights, also after a resume."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers.trainings import assert_same, resumed, small, trained

from dnnlab.assembly.session import build
from dnnlab.commands.api import load_run
from dnnlab.commands.train.train import train
from dnnlab.config import load_mapping
from dnnlab.data.prepare import memory_limits as memory
from dnnlab.data.prepare.pipeline import prepare
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.data.storage.row_stream import Streamed
from dnnlab.engine.loop import fit
from dnnlab.engine.records import Step
from dnnlab.errors import DataError
from dnnlab.registry import bind
from dnnlab.rundir import read_run

CASES: dict[str, dict[str, Any]] = {
    "mlp_dropout_accumulate": {
        "training": {"accumulate": 3, "batch_size": 8},
        "regularizers": {"dropout": 0.2, "ema": 0.9},
    },
    "cnn_augmented": {
        "data": {"name": "digits", "limit": 300, "augment": [{"shift": 0.2}]},
        "architecture": {"name": "cnn", "blocks": [[4], [4]], "hidden": [8]},
        "normalization": "batch",
    },
    "colours": {
        "data": {"name": "npz", "path": "colours.npz", "scale": "unit", "augment": [{"shift": 0.2}]},
        "architecture": {"name": "cnn", "blocks": [[4]], "hidden": [8]},
    },
    "autoencoder": {"architecture": {"name": "autoencoder", "hidden": [16, 4]}},
    "balanced_weights": {"data": {"name": "wine", "balance": "weights", "classes": ["class_2", "class_0"]}},
    "balanced_sampling": {"data": {"name": "wine", "balance": "sampling"}, "initializer": "lsuv"},
    "holes": {
        "data": {
            "name": "csv",
            "path": "holes.csv",
            "target": "y",
            "missing": "median",
            "target_scale": "standardize",
        },
        "training": {"batch_size": 16},
    },
    "lbfgs": {"optimizer": {"name": "lbfgs", "max_iter": 3}, "training": {"batch_size": "full", "epochs": 4}},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table that has empty cells, and with colour images."""
    folder = tmp_path_factory.mktemp("files")
    draw = np.random.default_rng(0)
    rows = [f"{i / 7},{'' if i % 5 == 1 else i % 13},{i * 1.5 + 0.25}" for i in range(120)]
    (folder / "holes.csv").write_text("\n".join(["a,b,y", *rows]) + "\n")
    np.savez(folder / "colours.npz", x=draw.integers(0, 256, (150, 3, 6, 7), np.uint8), y=np.arange(150) % 3)
    return folder


def with_memory(case: dict[str, Any], kept: bool, folder: Path) -> dict[str, Any]:
    data = dict(case.get("data", {"name": "digits", "limit": 300}))
    if "path" in data:
        data["path"] = str(folder / data["path"])
    return {**case, "data": {**data, "in_memory": kept}}


@pytest.mark.parametrize("name", CASES)
def test_both_ways_give_the_same_bits(name: str, files: Path, tmp_path: Path) -> None:
    here, there = (
        trained(made(tmp_path / str(kept)), **with_memory(CASES[name], kept, files)) for kept in (True, False)
    )
    assert_same(here, there)


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def no_thread_is_left() -> bool:
    return all(thread.name != "dnnlab data" for thread in threading.enumerate())


def test_interrupted_and_resumed_it_reads_on_where_it_was(tmp_path: Path) -> None:
    apart = {"data": {"name": "digits", "limit": 300, "in_memory": False}, "regularizers": {"dropout": 0.3}}
    whole = trained(made(tmp_path / "whole"), **apart)
    cut = trained(made(tmp_path / "cut"), after=13, **apart)
    assert no_thread_is_left()
    assert resumed(cut)[-1].result["status"] == "done"
    assert_same(whole, cut)


def test_it_is_measured_as_in_memory(tmp_path: Path) -> None:
    runs = [trained(made(tmp_path / str(kept)), data={"in_memory": kept}) for kept in (True, False)]
    for split in ("test", "train"):
        here, there = (load_run(run).evaluate(split)["metrics"] for run in runs)
        assert here == there


def test_a_listener_that_goes_away_leaves_no_thread(tmp_path: Path) -> None:
    events = train(load_mapping(small(data={"in_memory": False})), tmp_path)
    for event in events:
        if isinstance(event, Step) and event.step == 3:
            break
    assert not no_thread_is_left()
    events.close()
    assert no_thread_is_left()


@pytest.fixture
def mapped(tmp_path: Path) -> tuple[Path, Any]:
    """A file of 200 rows, and the session of a training that maps it."""
    draw = np.random.default_rng(0)
    np.save(tmp_path / "rows.npy", draw.normal(size=(200, 3)).astype(np.float32))
    array = np.load(tmp_path / "rows.npy", mmap_mode="r")
    config = load_mapping(
        {"data": {"name": "arrays", "in_memory": False}, "architecture": {"name": "mlp", "hidden": [4]}}
    )
    return tmp_path / "rows.npy", (config, from_arrays(array, np.arange(200) % 2))


def test_a_file_that_is_cut_while_it_is_used_is_named(mapped: tuple[Path, Any], tmp_path: Path) -> None:
    file, (config, raw) = mapped
    size = file.stat().st_size
    events, steps = train(config, tmp_path / "runs", raw=raw), 0
    with pytest.raises(DataError) as caught:
        for event in events:
            steps += isinstance(event, Step)
            if steps == 2:
                os.truncate(file, 1000)
    assert str(caught.value) == (
        f"data: {file} was cut to 1,000 of {size:,} bytes while it was in use; "
        "expected a file that stays as it is; "
        "put it back, then resume the run"
    )
    (run,) = (tmp_path / "runs").iterdir()
    assert read_run(run).status == "failed" and no_thread_is_left()


def test_what_the_thread_cannot_read_is_an_error_of_the_data(
    mapped: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build(mapped[1][0], mapped[1][1])

    def broken(source: Any, rows: Any) -> Any:
        raise OSError(5, "Input/output error")

    for part in (built.session.train, built.session.validation):
        monkeypatch.setattr(part.inputs, "scale", broken)
    with pytest.raises(
        DataError, match=r"^data: the data cannot be read any more \(Input/output error\); expected"
    ):
        list(fit(built.session))
    assert no_thread_is_left()


@pytest.mark.parametrize(("free", "stay"), [(3e9, True), (1.9e9, False), (None, True)])
def test_half_of_the_free_memory_is_the_border(
    free: float | None, stay: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: free)
    assert memory.fits(10**9, torch.device("cpu")) is stay
    assert memory.fits(10**8, torch.device("cpu"))  # too little to ask


def test_the_screen_says_where_the_rows_are(
    mapped: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_SURE", 0)
    monkeypatch.setattr(memory, "free_memory", lambda: 1000)
    raw, bound = mapped[1][1], bind("data", "arrays")
    found = prepare(raw, bound)
    assert isinstance(found.train.inputs, Streamed)
    assert "the inputs stay on the disk and are scaled batch by batch (2.4e-06 GB" in found.description
    assert found.to_json() == prepare(raw, bind("data", {"name": "arrays", "in_memory": True})).to_json()


def test_free_memory_heeds_a_limit_of_the_process() -> None:
    code = (
        "import resource; from dnnlab.data.prepare.memory_limits import free_memory; import torch\n"
        "used = int(next(l for l in open('/proc/self/status') if l.startswith('VmData')).split()[1]) * 1024\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (used + 10**8, used + 10**8))\n"
        "print(free_memory())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 5e7 < int(done.stdout) <= 1e8


def test_numbers_beyond_float32_are_refused_before_training(tmp_path: Path) -> None:
    raw = from_arrays(np.array([[1e300, 0.0]] * 10 + [[0.0, 1.0]] * 10), np.arange(20) % 2)
    keys = {"name": "arrays", "in_memory": False, "scale": None}
    with pytest.raises(DataError, match="too large for float32"):
        prepare(raw, bind("data", keys))
