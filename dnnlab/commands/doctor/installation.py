"""Facts about this installation: versions, devices, extras, and whether runs can be written."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...version import __version__

NEEDED = (
    "torch",
    "numpy",
    "scipy",
    "scikit-learn",
    "matplotlib",
    "pillow",
    "pydantic",
    "safetensors",
    "optuna",
    "jinja2",
)
EXTRAS = {
    "parquet": ("pyarrow", "reads Parquet files"),
    "tb": ("tensorboard", "logging.tensorboard: true"),
    "ray": ("ray", "executor: ray"),
}
DATA = "DNNLAB_DATA"


@dataclass(frozen=True)
class Fact:
    """One line of the answer."""

    name: str
    """Its subject."""
    text: str
    """The fact."""
    well: bool | None = None
    """False if a feature cannot work; None for information only."""
    advice: str = ""
    """The command that repairs it, or ""."""


def installation(runs_dir: Path) -> list[Fact]:
    """All facts about this installation.

    Imports torch; writes and removes one file in the runs folder, if there is one.
    """
    return [*_versions(), *_machine(), *_extras(), _writable(runs_dir), _data()]


def face(facts: list[Fact]) -> dict[str, Any]:
    """The JSON face: `passed` is whether nothing is wrong."""
    return {
        "passed": all(fact.well is not False for fact in facts),
        "installation": [asdict(fact) for fact in facts],
    }


def _versions() -> Iterator[Fact]:
    yield Fact("dnnlab", f"{__version__}, in {Path(__file__).parents[2]}")
    yield Fact("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    missing = [name for name in NEEDED if _version(name) is None]
    found = [f"{name} {_version(name)}" for name in NEEDED if name not in missing]
    yield Fact("packages", ", ".join(found), not missing)
    if missing:
        yield Fact("missing", ", ".join(missing), False, f"pip install {' '.join(missing)}")


def _machine() -> Iterator[Fact]:
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: a library that torch is linked against is not there
        words = str(error).splitlines() or [type(error).__name__]
        yield Fact("torch", f"cannot be imported: {words[0]}", False, "pip install torch")
        return
    name = platform.processor() or platform.machine()
    yield Fact("cpu", f"{name}, {os.cpu_count()} cores, capability {torch.backends.cpu.get_cpu_capability()}")
    yield Fact(
        "threads", f"{torch.get_num_threads()} of torch here; a run uses 1 unless training.threads says more"
    )
    devices = (
        [f"cuda:{i} {torch.cuda.get_device_name(i)}" for i in range(torch.cuda.device_count())]
        if torch.cuda.is_available()
        else []
    )
    devices += ["mps"] if torch.backends.mps.is_available() else []
    yield Fact("devices", ", ".join(["cpu", *devices]))


def _extras() -> Iterator[Fact]:
    for extra, (package, use) in EXTRAS.items():
        version = _version(package)
        here = importlib.util.find_spec(package) is not None
        text = f"{package} {version or ''}".strip() if here else f"not installed ({use})"
        yield Fact(extra, text, True if here else None, "" if here else f'pip install "dnnlab[{extra}]"')


def _writable(runs_dir: Path) -> Fact:
    """Whether a run could be written to a folder, or to the nearest parent of a missing folder."""
    place = next((p for p in (runs_dir, *runs_dir.absolute().parents) if p.is_dir()), Path())
    if runs_dir.exists() and not runs_dir.is_dir():
        return Fact("runs", f"{runs_dir} is no folder", False, "choose another with --runs-dir")
    if place != runs_dir:
        can = os.access(place, os.W_OK | os.X_OK)
        return Fact(
            "runs",
            f"{runs_dir} will be made" if can else f"{place} cannot be written to",
            can,
            "" if can else "choose --runs-dir",
        )
    probe = place / f".{secrets.token_hex(4)}.tmp"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Fact(
            "runs",
            f"{runs_dir} cannot be written to: {error.strerror}",
            False,
            "choose another with --runs-dir",
        )
    return Fact("runs", f"{runs_dir} can be written to", True)


def _data() -> Fact:
    word = os.environ.get(DATA, "")
    if not word:
        return Fact(
            "data",
            f"{DATA} is not set; mnist, cifar10 ... are looked for in data.root and fetched if the "
            "network allows",
        )
    there = Path(word).is_dir()
    return Fact(
        "data",
        f"{DATA} is {word}" + ("" if there else ", which is no folder"),
        there,
        "" if there else f"export {DATA}=FOLDER",
    )


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
