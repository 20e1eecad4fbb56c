"""Too little memory, too many open files, a working folder that is gone: one clear text each."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from helpers.trainings import SMALL

from dnnlab.assembly.network.shape_inference import outline_net
from dnnlab.cli.errors import machine_trouble
from dnnlab.commands.train.train import train
from dnnlab.config import load_mapping
from dnnlab.data.prepare import memory_limits
from dnnlab.data.readers.npz import read_npy, read_npz
from dnnlab.errors import DataError, OutOfMemoryError

GB = 10**9


@pytest.fixture
def three_gb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_limits, "free_memory", lambda: 3 * GB)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        ({"name": "moons"}, 80),
        ({"name": "circles"}, 80),
        ({"name": "spirals", "arms": 3}, 80),
        ({"name": "blobs", "features": 10}, 336),
    ],
)
def test_points_that_cannot_fit_are_refused_before_they_are_made(
    three_gb: None, tmp_path: Path, data: dict[str, object], size: int
) -> None:
    config = load_mapping({**SMALL, "data": {**data, "samples": GB}})
    with pytest.raises(OutOfMemoryError) as caught:
        list(train(config, tmp_path))
    assert str(caught.value) == (
        f"data.samples: 1,000,000,000 points need {size} GB of memory, 3.0 GB are free; expected what fits; "
        "write fewer samples"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("architecture", "layer", "size"),
    [
        ({"name": "mlp", "hidden": [10**9, 10**9]}, "hidden1", "8"),
        ({"name": "mlp", "hidden": {"depth": 3, "width": 30_000}}, "hidden2", "4"),
        ({"name": "mlp", "hidden": [10**6] * 2}, "hidden2", "4,000"),
    ],
)
def test_weights_that_cannot_fit_are_refused_before_they_are_made(
    three_gb: None, tmp_path: Path, architecture: dict[str, object], layer: str, size: str
) -> None:
    config = load_mapping({**SMALL, "data": "moons", "architecture": architecture})
    found = rf"^architecture: the weights up to layer {layer} need {size} GB of memory, 3.0 GB are free; "
    with pytest.raises(OutOfMemoryError, match=found):
        list(train(config, tmp_path))
    with pytest.raises(OutOfMemoryError, match=found.removeprefix("^")):
        outline_net(config.experiment, {}, (2,), 1)
    assert list(tmp_path.iterdir()) == []


def test_a_small_file_that_claims_to_be_large(tmp_path: Path) -> None:
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (3000000000000000, 2), }".ljust(117) + "\n"
    raw = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(48)
    (tmp_path / "x.npy").write_bytes(raw)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", raw)
    for read in (lambda: read_npy(tmp_path / "x.npy", "x"), lambda: read_npz(tmp_path / "x.npz", {"x": "x"})):
        with pytest.raises(
            DataError, match=r"cannot be read as \.np[yz] \(it claims more numbers than it holds"
        ):
            read()


@pytest.mark.parametrize(
    ("error", "text", "code"),
    [
        (OSError(24, "Too many open files"), "too many open files; expected room for a few dozen", 5),
        (MemoryError("Unable to allocate 8 GiB"), "no memory left: Unable to allocate 8 GiB; expected", 4),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: 4 bytes\nx"),
            "no memory left: Default",
            4,
        ),
    ],
)
def test_what_the_machine_refuses_is_no_bug(error: Exception, text: str, code: int) -> None:
    found = machine_trouble(error)
    assert found is not None and str(found).startswith(text) and found.exit_code == code
    assert machine_trouble(ValueError("x")) is None and machine_trouble(FileNotFoundError(2, "no")) is None


@pytest.mark.parametrize("words", [["check", "a.yaml", "--static"], ["new", "x.yaml"], ["train", "a.yaml"]])
def test_a_working_folder_that_is_gone(tmp_path: Path, words: list[str]) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    code = (
        f"import os, sys; from dnnlab.cli.main import run; os.chdir({str(folder)!r}); os.rmdir('../gone'); "
        f"sys.argv = ['dnnlab', *{words!r}]; run()"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.returncode == 2 and "the working folder was removed" in found.stderr, found.stderr
    assert "Traceback" not in found.stderr and "bug" not in found.stderr


def test_too_few_open_files(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from dnnlab.cli.main import run; import dnnlab.commands.train.train, os; "
        "used = len(os.listdir('/proc/self/fd')); resource.setrlimit(resource.RLIMIT_NOFILE, (used, used)); "
        f"os.chdir({str(tmp_path)!r}); sys.argv = ['dnnlab', 'train', 'a.yaml']; run()"
    )
    (tmp_path / "a.yaml").write_text("data: moons\ntraining: {epochs: 1}\n")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.returncode in (2, 5) and "oo many open files" in found.stderr, found.stderr
    assert "Traceback" not in found.stderr and "this is a bug" not in found.stderr
