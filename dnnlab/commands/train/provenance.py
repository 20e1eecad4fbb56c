"""The files of a run folder before the first step: sources, resolved config, data.json, meta.json."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...config import Config
from ...engine.runtime import prepare
from ...lazy_torch import torch
from ...registry import kept_facts
from ...rundir import RunFolder
from ...rundir.run_record import REUSE, REUSED
from ...version import __version__
from ..yaml_text import yaml_text

if TYPE_CHECKING:
    from ...assembly.session import Built


def write_beginning(
    folder: RunFolder, config: Config, built: Built, origin: Mapping[str, Any] | None = None
) -> None:
    """Write everything that says what this run is. origin: see `origin_here`. Raises `StorageError`."""
    folder.write_text("config.yaml", next(iter(config.sources.values()), ""))
    sources = []
    for i, (path, text) in enumerate(config.sources.items()):
        relative = f"sources/{i:02d}-{path.name}"
        folder.write_text(relative, text)
        sources.append({"path": str(path), "file": relative})
    write_resolved(folder, config, [item["file"] for item in sources])
    folder.write_json("data.json", built.described)
    folder.write_tensors("data.safetensors", built.data_tensors)
    if built.reused is not None:
        folder.write_tensors(REUSED, built.reused.tensors)
        folder.write_json(REUSE, built.reuse_facts)
    session, x = built.session, config.experiment
    count = [p.numel() for p in session.net.parameters()]
    folder.update_meta(
        name=x.name,
        tags=list(x.tags),
        note=x.note,
        seed=x.seed,
        sources=sources,
        **config_facts(config),
        **(origin_here() if origin is None else origin),
        monitor=session.plan.monitor,
        better=session.plan.better,
        parameters={"total": sum(count), "trained": sum(p.numel() for p in session.parameters)},
        times={"started": now()},
        best={},
        last={},
        **surroundings(built),
    )
    folder.seal()


def origin_here() -> dict[str, Any]:
    """The origin of a run: {command, folder, git}.

    folder: of the shell, for relative paths in overrides.
    """
    return {"command": command_line(), "folder": str(Path.cwd()), "git": git_state(Path.cwd())}


def write_config(folder: RunFolder, config: Config, kept: Sequence[str]) -> None:
    """The resolved config as a file, and flat in meta.json."""
    write_resolved(folder, config, kept)
    folder.update_meta(**config_facts(config))


def write_resolved(folder: RunFolder, config: Config, kept: Sequence[str]) -> None:
    """The resolved config as a file, which names the plugins that the folder kept."""
    plugins = [file for file in kept if file.endswith(".py")]
    folder.write_text("resolved.yaml", yaml_text({**config.resolved(), "plugins": plugins}))


def config_facts(config: Config) -> dict[str, Any]:
    """What meta.json says of a config: {overrides, config}, and plugin_parts if there are any.

    plugin_parts: what readers of the run must know of parts whose file they do not load.
    """
    facts = {"overrides": list(config.overrides), "config": config.flat()}
    kept = kept_facts(config.parts())
    return {**facts, "plugin_parts": kept} if kept else facts


def surroundings(built: Built) -> dict[str, Any]:
    """What besides config and data decides the bits: versions, device, threads, process settings."""
    import numpy

    device = built.session.device
    name = (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else platform.processor() or platform.machine()
    )
    return {
        "versions": {
            "dnnlab": __version__,
            "torch": torch.__version__,
            "numpy": numpy.__version__,
            "python": platform.python_version(),
        },
        "device": {
            "type": device.type,
            "name": name,
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        },
        "threads": built.threads,
        "process": prepare(),
        "host": platform.node(),
        "pid": os.getpid(),
    }


def command_line() -> str:
    """The command as it was typed."""
    import shlex

    return shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def git_state(folder: Path) -> dict[str, Any] | None:
    """Commit and whether there are changes, where the folder is a git checkout and git is there."""
    try:
        run = [
            subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, timeout=5)
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "-uno"])
        ]
    except (OSError, subprocess.TimeoutExpired):
        return None
    return (
        {"commit": run[0].stdout.strip(), "changed": bool(run[1].stdout.strip())}
        if run[0].returncode == 0
        else None
    )
