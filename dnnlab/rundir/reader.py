"""The reader of a run folder: it never writes, never fails on damage, and lists the damage."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from dnnlab.lazy_torch import torch
from dnnlab.rundir import atomic, checkpoints, lock
from dnnlab.rundir.checkpoint import Loaded
from dnnlab.rundir.json_values import STRICT_ERRORS, read_object
from dnnlab.rundir.jsonl import read_rows
from dnnlab.rundir.manifest import MANIFEST, Manifest, damaged_manifest, read_manifest, unsealed
from dnnlab.rundir.names import RUN_NAME, TRIAL_NAME
from dnnlab.rundir.rows import Row
from dnnlab.rundir.status import WRITTEN, RunStatus
from dnnlab.rundir.tensors import load_tensors

META = "meta.json"
LEDGER = "ledger.jsonl"
TRIALS = "trials"
FORMAT = 1

EDITED = "edited since it was written"

T = TypeVar("T")


def is_run(path: Path) -> bool:
    """Whether a folder is a run: it has a meta.json (damaged or not) or a name that dnnlab gives to runs."""
    # os.path returns False if pathlib would raise (a foreign folder without permission, a name too long)
    named = RUN_NAME.fullmatch(path.name) or (TRIAL_NAME.fullmatch(path.name) and path.parent.name == TRIALS)
    return os.path.isdir(path) and (os.path.exists(path / META) or named is not None)


def is_sweep(path: Path) -> bool:
    """Whether a folder is a sweep, whose runs are below `trials`."""
    return os.path.exists(path / LEDGER) or os.path.isdir(path / TRIALS)


def read_run(path: Path) -> RunView:
    """Read a run, even while it is being written. `problems` lists damaged and missing files."""
    return RunView(path)


class RunView:
    """The state of a run at the moment of reading.

    `meta` is {} and `status` is `damaged` if meta.json cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []
        self._manifest = self._read_manifest()
        self.meta: dict[str, Any] = self.json(META) or {}
        self.status = self._status()

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    def text(self, file: str) -> str | None:
        """The content of a text file, or None if it cannot be read."""
        return self._read(file, lambda: (self.path / file).read_text(encoding="utf-8"))

    def json(self, file: str) -> dict[str, Any] | None:
        """The object in a JSON file, or None if it cannot be read."""
        return self._read(file, lambda: unsealed(read_object((self.path / file).read_bytes())))

    def tensors(self, file: str) -> dict[str, torch.Tensor] | None:
        """The tensors of a safetensors file, or None if it cannot be read."""
        return self._read(file, lambda: load_tensors(self.path / file))

    def rows(self, file: str) -> Sequence[Row]:
        """The rows of a JSONL file up to the first damage. A missing file has no rows and is no problem."""
        rows, problem = self._guarded(file, lambda: read_rows(self.path / file)) or ([], None)
        if problem:
            self._note(f"{file}: {problem}")
        elif changed := self._guarded(file, lambda: self.changed(file)):
            self._note(changed)
        return rows

    def changed(self, file: str) -> str | None:
        """Why a file is not the one that dnnlab wrote, in words; None if it is, or if nothing says so.

        Raises `OSError` if it cannot be read.
        """
        for _ in range(3):  # a run that is writing just now has changed its manifest, too
            words = self._manifest.wrong(self.path, file)
            if words is None:
                return None
            seen, self._manifest = self._manifest, self._read_manifest()
            if seen == self._manifest:
                break
        return f"{file} is damaged: it {words} ({MANIFEST})"

    def damage(self, file: str) -> str | None:
        """Why a file cannot be used as it is, in words; None if it can. An edited text can, with a note.

        Raises `OSError` if it cannot be read.
        """
        words = self.changed(file)
        if words is None or file.endswith(".safetensors") or self._manifest.unflipped(self.path, file):
            return words
        self._note(f"{EDITED}: {file} ({MANIFEST})")
        return None

    @property
    def edits(self) -> list[str]:
        """What somebody edited in the files that were read so far, in words."""
        return [words for words in self.problems if words.startswith(EDITED)]

    def checkpoint(self) -> Loaded | None:
        """The undamaged checkpoint of the highest step, or None; `problems` lists damaged ones."""
        found = self._read(checkpoints.FOLDER, lambda: checkpoints.newest(self.path / checkpoints.FOLDER))
        loaded, skipped = found or (None, [])
        for words in skipped:
            self._note(words)
        return loaded

    def _status(self) -> RunStatus:
        word = self.meta.get("status")
        if self.meta and self.meta.get("format") != FORMAT:
            self._note(f"{META}: format {self.meta.get('format')!r}; this dnnlab reads {FORMAT}")
        if word not in WRITTEN:
            self._note(f"{META}: no status")
            return RunStatus.DAMAGED
        if word != RunStatus.RUNNING or self._locked():
            return RunStatus(word)
        self.meta = self.json(META) or self.meta  # it may have ended between the two looks
        again = self.meta.get("status")
        if again not in WRITTEN:
            return RunStatus.DAMAGED
        return RunStatus.KILLED if again == RunStatus.RUNNING else RunStatus(again)

    def _locked(self) -> bool:
        try:
            return lock.is_locked(self.path)
        except OSError as error:
            self._note(f"{lock.NAME}: {atomic.reason(error)}; whether the run is alive cannot be told")
            return True

    def _read_manifest(self) -> Manifest:
        """The manifest of the run; an empty one if there is none or a damaged one: then nothing is wrong."""
        try:
            return read_manifest(self.path)
        except OSError:
            return Manifest()
        except STRICT_ERRORS as error:
            self._note(damaged_manifest(error))
            return Manifest()

    def _read(self, file: str, read: Callable[[], T]) -> T | None:
        """What `read` makes of a file; None and a note for a damaged one."""
        damage = self._guarded(file, lambda: self.damage(file))
        if damage is None:
            return self._guarded(file, read)
        self._note(damage)
        return None

    def _guarded(self, file: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except FileNotFoundError:
            self._note(f"{file} is missing" if os.path.exists(self.path) else "the folder is gone")
        except OSError as error:
            self._note(f"{file} cannot be read: {atomic.reason(error)}")
        except STRICT_ERRORS as error:
            self._note(f"{file} is damaged: {error}")
        return None

    def _note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)
