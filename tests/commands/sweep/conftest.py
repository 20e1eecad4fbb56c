"""Fixtures of the tests of sweeps: a small base, sweeps in this and in another process, and their results."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers.sweep_processes import Left

ROOT = Path(__file__).parents[3]
BASE: dict[str, Any] = {
    "data": {"name": "digits", "limit": 200},
    "architecture": {"hidden": [16]},
    "training": {"epochs": 2, "batch_size": 32},
}
LR = {"optimizer.lr": {"log_uniform": [1e-3, 1e-1]}}

TROUBLE = '''\
"""An activation that does whatever a trial can do wrong."""
import os, signal, sys, time
from typing import Literal
from dnnlab.registry import part


@part(kind="activation", source="this test", example={}, initializer="he_normal")
def trouble(width, *, mode: str = "fine"):
    """relu, with something wrong."""
    import torch

    class Trouble(torch.nn.Module):
        def forward(self, x):
            if self.training:
                act(mode)
            return x.relu() * (float("nan") if mode == "nan" and self.training else 1.0)

    return Trouble()


def act(mode):
    import torch

    if mode == "memory":
        raise torch.OutOfMemoryError("CUDA out of memory")
    if mode == "hang":
        while True:
            time.sleep(0.05)
    if mode == "noisy":
        print("noise " * 50_000, file=sys.stderr)
        os.write(1, b"more noise\\n" * 20_000)
    if mode == "exit":
        sys.exit(3)
    if mode == "vanish":
        os._exit(0)
    if mode == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if mode == "fault":
        raise ValueError("no good")
    if mode == "full":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
'''


@pytest.fixture
def runs(runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runs folder, in the working folder."""
    monkeypatch.chdir(tmp_path)
    return runs


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a sweep of the small base, in which some keys differ; `base` changes the base's sections."""

    def make(base: dict[str, Any] | None = None, name: str = "try.yaml", **keys: Any) -> Path:
        (tmp_path / "base.yaml").write_text(yaml.safe_dump({**BASE, **(base or {})}))
        whole = {
            "base": "base.yaml",
            **({} if "cases" in keys or "search" in keys else {"search": LR}),
            **keys,
        }
        path = tmp_path / name
        path.write_text(yaml.safe_dump(whole, sort_keys=False))
        return path

    return make


@pytest.fixture
def plugin(tmp_path: Path) -> str:
    """The name of a file with the activation `trouble`."""
    (tmp_path / "trouble.py").write_text(TROUBLE)
    return "trouble.py"


@pytest.fixture
def swept(
    dnnlab: Callable[..., tuple[int, str, str]], runs: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, Left]]:
    """Run `dnnlab sweep` or `resume` in this process, without page and picture: exit code and results."""
    from dnnlab.cli import show_sweep as shown_sweep

    monkeypatch.setattr(shown_sweep, "keep_files", lambda *_: [])

    def call(*words: object, verb: str = "sweep") -> tuple[int, Left]:
        code, out, err = dnnlab(verb, *words, "--quiet")
        assert out.strip(), err
        return code, Left(Path(out.strip()))

    return call


@pytest.fixture
def process(runs: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command line in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: object) -> subprocess.Popen[str]:
        lines = ["import signal, sys", "signal.signal(signal.SIGINT, signal.default_int_handler)"]
        lines += ["from dnnlab.cli.main import run", "run(sys.argv[1:])"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-c", "\n".join(lines), *map(str, words)]
        started.append(
            subprocess.Popen(
                command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        )
        return started[-1]

    yield start
    for child in started:
        child.kill()
        child.communicate()
