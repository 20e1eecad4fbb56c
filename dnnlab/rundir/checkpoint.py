"""One checkpoint: a folder of safetensors and JSON files. It is valid once its MANIFEST.json is written."""

from __future__ import annotations

import math
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dnnlab.errors import Problem, RunError
from dnnlab.lazy_torch import torch
from dnnlab.rundir import atomic
from dnnlab.rundir.codec import decode, encode
from dnnlab.rundir.json_values import STRICT_ERRORS, read_object
from dnnlab.rundir.manifest import MANIFEST, Manifest, entry_of, parse_manifest
from dnnlab.rundir.names import slug
from dnnlab.rundir.tensors import load_tensors, save_tensors

FORMAT = 1
STATE, OPTIMIZER = "state.json", "optimizer.safetensors"
WEIGHTS = ("model", "best", "averages")
PATTERN = "epoch-*_step-*"
"""Glob of the folders that dnnlab makes; only these are ever deleted."""


@dataclass
class Checkpoint:
    """Everything that training needs to continue after a step, bit by bit."""

    epoch: int
    """The epoch of the step."""
    step: int
    """The step after which training continues."""
    monitor: str | None
    """The name of the monitored metric."""
    value: float | None
    """The monitored metric at this step."""
    is_best: bool
    """Whether `value` is the best so far."""
    model: dict[str, torch.Tensor]
    """The weights: name -> tensor."""
    best: dict[str, torch.Tensor] | None = None
    """The weights of the best epoch."""
    averages: dict[str, torch.Tensor] | None = None
    """Averaged weights."""
    optimizer: Any = None
    """The state dict of the optimizer."""
    state: dict[str, Any] = field(default_factory=dict)
    """The rest of the training state: a tree of JSON values and tensors."""


@dataclass
class Loaded:
    """A checkpoint read from its folder."""

    path: Path
    """The folder of the checkpoint."""
    checkpoint: Checkpoint
    """Its content."""
    lengths: dict[str, int]
    """The size in bytes of each record file at that step."""
    skipped: list[str] = field(default_factory=list)
    """Descriptions of newer checkpoints that are damaged."""


def folder_name(checkpoint: Checkpoint) -> str:
    """The folder's name, for people only; it is never parsed."""
    name = f"epoch-{checkpoint.epoch:04d}_step-{checkpoint.step:06d}"
    if checkpoint.monitor is None or checkpoint.value is None:
        return name
    size = abs(checkpoint.value)
    form = ".4f" if size == 0 or 1e-3 <= size < 1e6 or not math.isfinite(size) else ".3e"
    return f"{name}_{slug(checkpoint.monitor)}-{checkpoint.value:{form}}"


def refuse_nonfinite(checkpoint: Checkpoint) -> None:
    """Raise `ValueError` if a weight of the checkpoint is NaN or infinite."""
    from dnnlab.nn.probes.finiteness import all_finite

    for part in WEIGHTS:
        for name, tensor in (getattr(checkpoint, part) or {}).items():
            if not all_finite(tensor):
                bad = tensor.numel() - int(tensor.isfinite().sum())
                raise ValueError(
                    f"No checkpoint holds a non-finite weight: {bad} of {tensor.numel()} values of "
                    f"{name} ({part}) at step {checkpoint.step} are NaN or infinite"
                )


def write(parent: Path, checkpoint: Checkpoint, lengths: dict[str, int]) -> Path:
    """Write a checkpoint into a new folder below `parent`; the manifest is written last.

    An existing folder of that name is removed first, so the caller makes sure that it is damaged. Raises
    `OSError`, after the incomplete folder was removed.
    """
    path = parent / folder_name(checkpoint)
    if not parent.exists():
        parent.mkdir()
        atomic.sync_folder(parent.parent)
    if path.exists():
        remove(path)
    path.mkdir()
    try:
        _write_files(path, checkpoint, lengths)
        atomic.sync_folder(path)
        Manifest({file.name: entry_of(file) for file in sorted(path.iterdir())}).write(path)
        atomic.sync_folder(parent)
    except BaseException:
        remove(path)
        raise
    return path


def _write_files(path: Path, checkpoint: Checkpoint, lengths: dict[str, int]) -> None:
    order = {}
    for part in WEIGHTS:
        weights = getattr(checkpoint, part)
        if weights is not None:
            order[part] = list(weights)
            save_tensors(path / f"{part}.safetensors", weights)
    tree = {
        "monitor": checkpoint.monitor,
        "value": checkpoint.value,
        "optimizer": checkpoint.optimizer,
        "state": checkpoint.state,
    }
    tensors, structure = encode(tree, copy=False)
    save_tensors(path / OPTIMIZER, tensors)
    for file in path.iterdir():
        atomic.sync_file(file)
    head = {
        "format": FORMAT,
        "epoch": checkpoint.epoch,
        "step": checkpoint.step,
        "is_best": checkpoint.is_best,
    }
    atomic.write_json(path / STATE, {**head, "lengths": lengths, "order": order, **structure})


def verify(path: Path) -> dict[str, Any]:
    """Check every file of a checkpoint against its manifest and return its state.json.

    Raises `RunError` that names the damage.
    """
    if not os.path.exists(path / MANIFEST):
        raise _damaged(path, f"{MANIFEST} is missing: it was never finished")
    content = _read_json(path, MANIFEST)
    try:
        manifest = parse_manifest(content)
    except ValueError as error:
        raise _damaged(path, f"{MANIFEST} is damaged") from error
    if not {STATE, OPTIMIZER, "model.safetensors"} <= manifest.files.keys():
        raise _damaged(path, f"{MANIFEST} is damaged")
    for name in manifest.files:
        _verify_file(path, name, manifest)
    state = _read_json(path, STATE)
    if not (isinstance(state.get("step"), int) and isinstance(state.get("is_best"), bool)):
        raise _damaged(path, f"{STATE} names no step")
    return state


def _verify_file(path: Path, name: str, manifest: Manifest) -> None:
    try:
        wrong = manifest.wrong(path, name)
    except FileNotFoundError as error:
        raise _damaged(path, f"{name} is missing") from error
    except OSError as error:
        raise _damaged(path, f"{name} cannot be read: {atomic.reason(error)}") from error
    if wrong is not None:
        raise _damaged(path, f"{name} {wrong}")


def load(path: Path) -> Loaded:
    """Verify and read a checkpoint; all tensors are on the CPU and own their memory.

    Raises `RunError` that names the damage.
    """
    state = verify(path)
    try:
        weights = {part: _load_weights(path, part, names) for part, names in state["order"].items()}
        rest = load_tensors(path / OPTIMIZER)
        tree = {key: decode(rest, state[key]) for key in ("monitor", "value", "optimizer", "state")}
        checkpoint = Checkpoint(
            epoch=state["epoch"],
            step=state["step"],
            is_best=state["is_best"],
            model=weights["model"],
            best=weights.get("best"),
            averages=weights.get("averages"),
            **tree,
        )
        return Loaded(path, checkpoint, state["lengths"])
    except OSError as error:
        raise _damaged(path, f"it cannot be read: {atomic.reason(error)}") from error
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:  # whole, but not written by this program
        raise _damaged(path, f"its content does not fit together ({error})") from error


def _load_weights(path: Path, part: str, names: list[str]) -> dict[str, torch.Tensor]:
    """A state dict in the order of the model (the file has another order)."""
    tensors = load_tensors(path / f"{part}.safetensors")
    return {name: tensors[name] for name in names}


def remove(path: Path) -> None:
    """Delete a checkpoint, its manifest first: after a kill half-way the rest is not valid.

    Raises `OSError`.
    """
    (path / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(path)


def _read_json(path: Path, name: str) -> dict[str, Any]:
    try:
        value = read_object((path / name).read_bytes())
    except OSError as error:
        raise _damaged(path, f"{name} cannot be read: {atomic.reason(error)}") from error
    except STRICT_ERRORS as error:
        raise _damaged(path, f"{name} is damaged") from error
    if value.get("format") != FORMAT:
        raise _damaged(path, f"{name} has format {value.get('format')!r}, this dnnlab reads {FORMAT}")
    return value


def _damaged(path: Path, what: str) -> RunError:
    return RunError(
        Problem(
            what,
            "expected a whole checkpoint",
            "use an earlier one",
            file=str(path),
            code="damaged_checkpoint",
        )
    )
