"""What all tests share: a command line in this process; nothing of them stays on the machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is slow; a property that holds is not refuted by that.
settings.register_profile("dnnlab", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dnnlab")
os.environ["DNNLAB_OFFLINE"] = "1"  # no test fetches a data set


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Decoded images go into a folder of this session, not into the user's cache."""
    before = os.environ.get("DNNLAB_CACHE")
    os.environ["DNNLAB_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["DNNLAB_CACHE"]
    else:
        os.environ["DNNLAB_CACHE"] = before


@pytest.fixture(autouse=True)
def _plugins_are_forgotten() -> Iterator[None]:
    """Remove the parts that a test registers from plugin files: another test may use their names, or walk all
    parts.
    """
    from dnnlab.registry import register

    before = set(register.plugin_texts)
    yield
    for origin in set(register.plugin_texts) - before:
        register.forget(origin)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runs folder, which is the usual one here; not there yet."""
    path = tmp_path / "runs"
    monkeypatch.setenv("DNNLAB_RUNS", str(path))
    monkeypatch.delenv("DNNLAB_DEBUG", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    return path


@pytest.fixture
def dnnlab(runs: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command line in this process: exit code, stdout, stderr."""
    from dnnlab.cli.main import run

    def call(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            run([str(word) for word in words])
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return call
