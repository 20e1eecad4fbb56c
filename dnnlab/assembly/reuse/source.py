"""Where reused weights come from: a run, a trial of a sweep, a checkpoint's folder, another tool's file.

Finding a source needs no torch; reading its weights does. A source is only read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...config import Config
from ...errors import ConfigError, DataError, DnnlabError, Problem, RunError
from ...lazy_torch import torch
from ...rundir import Loaded, RunStatus, find_run, is_sweep
from ...rundir.checkpoint import STATE, load
from ...rundir.checkpoints import FOLDER
from ...rundir.find import user_path
from ...rundir.manifest import entry_of
from ...rundir.reader import FORMAT, META, TRIALS, is_run
from ...rundir.run_record import DataRecord, RunRecord, read_record
from ...rundir.weights import holds_weights, moment, newest_checkpoint, weights

FILES = {"best": "best.safetensors", "last": "model.safetensors"}
"""Words for weights -> their file in a checkpoint; averages have a file of their own."""
SUFFIXES = (".safetensors", ".npz", ".pt", ".pth", ".bin", ".h5", ".keras", ".onnx", ".msgpack")
"""Endings of files of weights."""


@dataclass(frozen=True)
class WeightSource:
    """Weights that were read, and what is known of the training that they come from."""

    name: str
    path: Path
    tensors: Mapping[str, torch.Tensor]
    sha256: str
    """Of the file that holds them; of a folder, of the hashes of its files."""
    which: str | None = None
    """best, last or an average; None of a file."""
    epoch: int | None = None
    data: DataRecord | None = None
    """What the net learned from, if that is known."""
    lineage: tuple[Mapping[str, Any], ...] = ()
    """The sources of the source, the nearest first."""
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Module -> what the file says of it, such as `eps`."""
    notes: tuple[str, ...] = ()

    @property
    def described(self) -> dict[str, Any]:
        """What the run folder keeps of it."""
        facts = {"name": self.name, "path": str(self.path), "weights": self.which, "epoch": self.epoch}
        return {**facts, "sha256": self.sha256}


def with_source(config: Config, runs_dir: Path) -> Config:
    """The config with the folder or file that its `reuse.from` names, if it has one. No torch.

    A relative path belongs to the file that names it. The name of a run means one beside the new run, for a
    trial one beside its sweep. `last` is settled here, before anything is trained. Raises `ConfigError`.
    """
    reuse = config.experiment.reuse
    if reuse is None or config.source is not None:
        return config
    with config.error_places(), _at_from():
        path = config.folder_of("reuse.from") / user_path(reuse.from_)
        if not holds_weights(path):
            path = _run_named(reuse.from_, path, runs_dir)
        return replace(config, source=path.absolute())


def with_kept_source(config: Config, run: RunRecord) -> Config:
    """The config of a run with the source that the run had, if it is still there and not named anew."""
    path, reuse = run.source_path, config.experiment.reuse
    same = reuse is not None and reuse.from_ == run.config.get("reuse.from")
    there = path is not None and (holds_weights(path) or is_run(path))
    return replace(config, source=path) if same and there else config


def _run_named(word: str, path: Path, runs_dir: Path) -> Path:
    if runs_dir.name == TRIALS and is_sweep(runs_dir.parent):
        runs_dir = runs_dir.parent.parent
    try:
        return find_run(str(path) if is_run(path) else word, runs_dir)
    except RunError:
        if path.is_dir() and not is_sweep(path):  # perhaps a folder of weights
            return path
        if path.suffix in SUFFIXES:
            text = f"{path} does not exist"
            raise ConfigError(Problem(text, "expected a file of weights", code="no_file")) from None
        raise


def read_source(config: Config) -> WeightSource | None:
    """The weights at the config's source; None if it has none. Raises `ConfigError`."""
    reuse, path = config.experiment.reuse, config.source
    if reuse is None or path is None:
        return None
    with config.error_places(), _at_from():
        if (path / STATE).exists():
            run = path.parent.parent if path.parent.name == FOLDER else None
            record = read_record(run) if run is not None and (run / META).exists() else None
            name = path.name if record is None else f"{record.name}/{path.name}"
            return _of_checkpoint(name, path, load(path), reuse.weights, record)
        if not is_run(path):
            return _of_file(path)
        record = read_record(path)
        check_usable(record)
        return _of_checkpoint(record.name, path, newest_checkpoint(record), reuse.weights, record)


def check_usable(run: RunRecord) -> None:
    """Raise `ConfigError` for a run that diverged or that another version wrote."""
    made = run.view.meta.get("format", FORMAT)
    if made != FORMAT:
        text, fix = f"{run.name} has format {made}", "take the dnnlab that wrote it"
        raise ConfigError(Problem(text, f"expected format {FORMAT}", fix, code="newer_format"))
    if run.status is RunStatus.DIVERGED:
        raise ConfigError(
            Problem(
                f"{run.name} diverged ({run.reason or 'no reason is kept'})",
                "expected weights of a training that went well",
                f"name one of its checkpoints, if you know it is sound: {run.path / FOLDER}/...",
                code="diverged_source",
            )
        )


def _of_checkpoint(name: str, path: Path, loaded: Loaded, which: str, run: RunRecord | None) -> WeightSource:
    tensors = weights(name, loaded.checkpoint, which)
    file = loaded.path / FILES.get(which, "averages.safetensors")
    file = file if file.exists() else loaded.path / FILES["last"]
    made = () if run is None else run.lineage
    return WeightSource(
        name,
        path,
        tensors,
        entry_of(file)["sha256"],
        which,
        moment(loaded.checkpoint, which)[0],
        run.data if run is not None and run.data.content else None,
        made,
        notes=tuple(loaded.skipped),
    )


def _of_file(path: Path) -> WeightSource:
    import numpy as np

    from ...weights import read

    try:
        found = read(path)
    except DataError as error:
        problems = (replace(p, received=f"{path}: {p.received}") for p in error.problems)
        raise ConfigError(*problems) from None
    tensors = {n: torch.from_numpy(np.array(array.read())) for n, array in found.arrays.items()}
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    hashes = [entry_of(file)["sha256"] for file in files if file.is_file()]
    sha256 = hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
    return WeightSource(path.name, path, tensors, sha256, facts=found.facts, notes=found.notes)


@contextmanager
def _at_from() -> Iterator[None]:
    """Errors of the block are those of the key `reuse.from`."""
    try:
        yield
    except DnnlabError as error:
        raise ConfigError(*(replace(p, path="reuse.from", file=None) for p in error.problems)) from None
