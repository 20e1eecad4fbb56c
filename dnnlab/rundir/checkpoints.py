"""The checkpoints of one run: find the newest, verify them, delete old ones."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from dnnlab.errors import RunError
from dnnlab.rundir import atomic, checkpoint
from dnnlab.rundir.checkpoint import Checkpoint, Loaded
from dnnlab.rundir.codec import decode
from dnnlab.rundir.json_values import STRICT_ERRORS, read_object
from dnnlab.rundir.manifest import MANIFEST

FOLDER = "checkpoints"
KEEP = ("best_and_last", "all")
_Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class CheckpointEntry:
    """A verified checkpoint."""

    path: Path
    """The folder of the checkpoint."""
    step: int
    """Its step."""
    is_best: bool
    """Whether its monitored metric was the best so far."""


def newest(parent: Path) -> tuple[Loaded | None, list[str]]:
    """The undamaged checkpoint of the highest step, and descriptions of the newer ones that are damaged.

    Another process may delete checkpoints at the same time: if a folder vanished, the search starts again.
    Raises `OSError` if the folder cannot be listed.
    """
    skipped: list[str] = []
    for _ in range(5):
        skipped, vanished = [], False
        for path in sorted(folders(parent), key=lambda path: (step_of(path), path.name), reverse=True):
            try:
                loaded = checkpoint.load(path)
            except RunError as error:
                vanished = vanished or not path.exists()
                skipped.append(f"{FOLDER}/{path.name} passed over: {error.problems[0].received}")
            else:
                loaded.skipped = skipped
                return loaded, skipped
        if not vanished:
            break
    return None, skipped


def newest_progress(run: Path) -> dict[str, Any] | None:
    """The progress in the newest checkpoint of a run, read without its tensors; None if it is not whole."""
    try:
        path = max(folders(run / FOLDER), key=lambda path: (step_of(path), path.name), default=None)
        if path is None:
            return None
        progress = decode({}, checkpoint.verify(path)["state"]["progress"])
    except (OSError, RunError, KeyError, TypeError):
        return None
    return progress if isinstance(progress, dict) else None


def folders(parent: Path) -> list[Path]:
    """All folders that may be checkpoints. Raises `OSError`."""
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.exists() else []


def step_of(path: Path) -> float:
    """The step that a checkpoint's state.json names, unverified; infinite if the file is unreadable.

    An unreadable checkpoint is thus tried first, and verifying it reports the damage.
    """
    try:
        step = read_object((path / checkpoint.STATE).read_bytes()).get("step")
    except (OSError, *STRICT_ERRORS):
        return inf
    return step if isinstance(step, int) else inf


class CheckpointStore:
    """The checkpoints as their writer sees them.

    A checkpoint is hashed once. Later calls compare the sizes and times of its files only.
    """

    def __init__(self, run: Path) -> None:
        self.parent = run / FOLDER
        self._whole: dict[_Signature, CheckpointEntry] = {}

    def find(self, step: int) -> Path | None:
        """The path of an undamaged checkpoint of that step, or None."""
        claims = [path for path in folders(self.parent) if step_of(path) == step]
        return next((path for path in claims if self.entry(path)), None)

    def write(self, item: Checkpoint, lengths: dict[str, int]) -> Path:
        """Write a checkpoint, see `checkpoint.write`."""
        path = checkpoint.write(self.parent, item, lengths)
        self._whole[_signature(path)] = CheckpointEntry(path, item.step, item.is_best)
        return path

    def entry(self, path: Path) -> CheckpointEntry | None:
        """The checkpoint at `path`, or None if it is damaged."""
        signature = _signature(path)
        if signature not in self._whole:
            try:
                state = checkpoint.verify(path)
            except RunError:
                return None
            self._whole[signature] = CheckpointEntry(path, state["step"], state["is_best"])
        return self._whole[signature]

    def prune(self, keep: str | int, written: Path) -> list[str]:
        """Delete checkpoints that `keep` does not name or that are unfinished, but never `written`.

        Returns a sentence for each one that could not be deleted.
        """
        ours = sorted(self.parent.glob(checkpoint.PATTERN))
        if keep == "all":
            going = [path for path in ours if not (path / MANIFEST).exists()]
        else:
            staying = self._staying(keep) | {written}
            going = [path for path in ours if path not in staying]
        complaints = []
        for path in going:
            try:
                checkpoint.remove(path)
            except OSError as error:
                complaints.append(f"{FOLDER}/{path.name} could not be deleted: {atomic.reason(error)}")
        return complaints

    def _staying(self, keep: str | int) -> set[Path]:
        whole = [entry for entry in map(self.entry, folders(self.parent)) if entry]
        whole.sort(key=lambda entry: entry.step, reverse=True)
        if isinstance(keep, int):
            return {entry.path for entry in whole[:keep]}
        best = [entry for entry in whole if entry.is_best]
        return {
            entry.path for entry in whole[:2] + best[:1]
        }  # two, so that a damaged newest has something to fall back on


def check_keep(keep: str | int) -> None:
    """Raise `ValueError` for a word or number that is no policy."""
    if keep not in KEEP and (isinstance(keep, bool) or not isinstance(keep, int) or keep < 1):
        raise ValueError(f"keep is {keep!r}; expected best_and_last, all or a number from 1")


def _signature(path: Path) -> _Signature:
    found = sorted((str(file), *_numbers(file)) for file in path.iterdir())
    return tuple(found)


def _numbers(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_size, status.st_mtime_ns
