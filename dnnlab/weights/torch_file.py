"""State dicts that torch.save wrote: pickles, read by a child process that has little memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from . import safetensors_file
from .weight_file import Array, WeightFile, refused

SECONDS = 600
"""How long the child process may take."""


def read(path: Path) -> WeightFile:
    """The tensors of a state dict, or of the state dict inside a checkpoint.

    `torch.load(weights_only=True)` refuses every class that is not made of tensors; what gets past it can
    only use up the memory and time that the child process has.
    """
    folder = _Folder()
    target = folder.path / "weights.safetensors"
    answer = _answer_of_child(path, target)
    if "received" in answer:
        raise refused(path, **answer)
    found = safetensors_file.read(target)
    arrays = {
        name: replace(found.arrays[name], read=partial(_load, folder, found.arrays[name].read))
        for name in answer["order"]
    }
    return replace(found, path=path, format="torch state dict", arrays=arrays, notes=tuple(answer["notes"]))


class _Folder:
    """A temporary folder that is removed with its last holder."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="dnnlab-weights-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def _load(_folder: _Folder, load: Callable[[], Array]) -> Array:
    """`load()`, by an array that holds the folder."""
    return load()


def _answer_of_child(path: Path, target: Path) -> dict[str, Any]:
    """What the child process found: `order` and `notes`, or the parts of a problem."""
    command = [sys.executable, "-m", "dnnlab.weights.torch_child", str(path.absolute()), str(target)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        text = f"it was not read within {SECONDS // 60} minutes"
        raise refused(path, text, "expected a state dict", code="too_large") from None
    except (IndexError, ValueError):  # it was killed, or its memory did not suffice for an answer
        raise refused(
            path,
            "reading it takes far more memory than the file is long",
            "expected a state dict",
            code="too_large",
        ) from None
    return answer
