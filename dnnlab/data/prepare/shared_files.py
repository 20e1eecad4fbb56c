"""Prepared data in files that other processes map into memory: many trainings prepare them once."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from .imputation import Filling
from .prepared_data import Prepared, SplitRows, lines_of
from .scaling import scaling_of


@dataclass(frozen=True, eq=False)
class Ready:
    """Data for a training: without the test part, which training never reads, but described with it."""

    data: Prepared
    described: dict[str, Any]
    """The content of data.json."""
    tensors: dict[str, Tensor]
    """The content of data.safetensors."""


def ready(data: Prepared) -> Ready:
    """Describe the data, then let go of the test part, so that its memory is free."""
    described, tensors = data.to_json(), data.tensors()
    return Ready(replace(data, test=None), described, tensors)


def noted(found: Ready, notes: Sequence[str]) -> Ready:
    """The same with more that the user should know: on the screen, and in data.json."""
    if not notes:
        return found
    data = replace(
        found.data, notes=(*found.data.notes, *notes), description=(*found.data.description, *lines_of(notes))
    )
    return replace(found, data=data, described={**found.described, "notes": list(data.notes)})


def store(folder: Path, found: Ready) -> bool:
    """Write the data into a new folder, whole or not at all; several processes may do so at once.

    Returns False, and writes nothing, for data that stay in the files that they came from. Raises `OSError`.
    """
    parts: dict[str, tuple[Tensor, Tensor]] = {}
    for name, part in found.data.parts().items():
        if name == "test":
            continue
        if not isinstance(part.inputs, Tensor):
            return False
        parts[name] = (part.inputs, part.targets)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.parent / f".{folder.name}.{secrets.token_hex(3)}.tmp"
    temporary.mkdir()
    try:
        for name, (inputs, targets) in parts.items():
            np.save(temporary / f"{name}.inputs.npy", inputs.numpy(), allow_pickle=False)
            np.save(temporary / f"{name}.targets.npy", targets.numpy(), allow_pickle=False)
        save_file(
            {name: tensor.contiguous() for name, tensor in found.tensors.items()},
            temporary / "described.safetensors",
        )
        text = json.dumps({"described": found.described, "description": found.data.description})
        (temporary / "described.json").write_text(text, encoding="utf-8")
        os.rename(temporary, folder)  # noqa: PTH104 (fails where the folder is there, which pathlib's may not)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        if not folder.exists():
            raise
    return True


def stored(folder: Path) -> Ready:
    """The data of a folder that `store` wrote, memory-mapped, so that all processes share one copy.

    Arrays in .npy files begin at multiples of 64 bytes as torch's own do, on which the last bits of a product
    may depend. Raises `OSError`.
    """
    kept = json.loads((folder / "described.json").read_text(encoding="utf-8"))
    described = kept["described"]
    tensors = load_file(folder / "described.safetensors")
    parts = {
        name: _part(folder, name)
        for name in ("train", "validation")
        if (folder / f"{name}.inputs.npy").exists()
    }
    filling, scaled = described["missing"], described["target_scaling"]
    data = Prepared(
        name=described["name"],
        target=described["target"],
        classes=described["classes"],
        names=tuple(described["names"]),
        feature_names=tuple(described["columns"]),
        in_shape=tuple(described["in_shape"]),
        train=parts["train"],
        validation=parts.get("validation"),
        test=None,
        scaling=scaling_of(described["scaling"], tensors),
        split={name: tensors[f"split.{name}"].numpy() for name in _split(tensors)},
        class_counts=described["class_counts"],
        fingerprint=described["fingerprint"],
        description=tuple(kept["description"]),
        notes=tuple(described["notes"]),
        target_scaling=None if scaled is None else scaling_of(scaled, tensors, "target_scaling"),
        filling=None if filling is None else Filling(filling["method"], np.array(filling["numbers"])),
        balance=described["balance"],
        encoding=described["inputs"],
    )
    return Ready(data, described, tensors)


def _part(folder: Path, name: str) -> SplitRows:
    inputs, targets = (
        np.load(folder / f"{name}.{what}.npy", mmap_mode="c", allow_pickle=False)
        for what in ("inputs", "targets")
    )
    return SplitRows(torch.from_numpy(inputs), torch.from_numpy(targets))


def _split(tensors: Mapping[str, Tensor]) -> list[str]:
    return [name.removeprefix("split.") for name in tensors if name.startswith("split.")]
