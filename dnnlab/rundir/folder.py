"""The writer of a run folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from dnnlab.errors import Problem, RunError, StorageError
from dnnlab.lazy_torch import torch
from dnnlab.rundir import atomic, checkpoint, checkpoints, lock
from dnnlab.rundir.checkpoint import Checkpoint, Loaded
from dnnlab.rundir.json_values import STRICT_ERRORS, read_object
from dnnlab.rundir.jsonl import AppendFile, line_of, read_rows
from dnnlab.rundir.manifest import MANIFEST, Manifest, ManifestKeeper
from dnnlab.rundir.reader import FORMAT, META
from dnnlab.rundir.tensors import save_tensors

LOG = "log.txt"


class RunFolder:
    """Writes one run and holds its lock.

    `create` and `reopen` return one. `notes` collects sentences for the user.

    Every method raises `StorageError` if the disk fails, and `ValueError` after `close`.
    """

    def __init__(self, path: Path, held: lock.Lock) -> None:
        self.path = path
        self.notes: list[str] = []
        self.made: list[Path] = []  # folders above this one that did not exist before it
        self._lock: lock.Lock | None = held
        self._files: dict[str, AppendFile] = {}
        self._store = checkpoints.CheckpointStore(path)
        with atomic.storing(path):
            self._keeper = ManifestKeeper(path)
        self.notes += [self._keeper.problem] if self._keeper.problem else []

    def write_text(self, relative: str, text: str) -> None:
        """Write a whole file (UTF-8) atomically; sub-folders are made."""
        self.write_bytes(relative, atomic.text_bytes(text))

    def write_json(self, relative: str, value: Any) -> None:
        """Write a whole JSON file atomically; non-finite numbers become null."""
        self.write_text(relative, atomic.json_text(value))

    def write_bytes(self, relative: str, content: bytes) -> None:
        """Write a whole file atomically."""
        self._replace(relative, lambda temporary: temporary.write_bytes(content))

    def write_tensors(self, relative: str, tensors: Mapping[str, torch.Tensor]) -> None:
        """Write a safetensors file atomically."""
        self._replace(relative, lambda temporary: save_tensors(temporary, tensors))

    def seal(self) -> None:
        """Write the manifest of all files that were written; from now on it is kept true."""
        self._check_open()
        with atomic.storing(self.path / MANIFEST):
            self._keeper.seal()

    @property
    def manifest_problem(self) -> str:
        """What is wrong with the manifest; "" if nothing is."""
        return self._keeper.problem

    @property
    def manifest(self) -> Manifest:
        """What the files of the run have to be; empty if there is no manifest, or a damaged one."""
        return self._keeper.manifest

    def forget(self, relative: str) -> None:
        """Take a file that is gone for good out of the manifest."""
        with atomic.storing(self.path / MANIFEST):
            self._keeper.forget(relative)

    def mend_manifest(self) -> None:
        """Write a damaged manifest anew.

        A flipped bit is set back; after more damage the hashes are those of the files as they are.
        """
        with atomic.storing(self.path / MANIFEST):
            self._keeper.mend()

    def meta(self) -> dict[str, Any]:
        """The content of meta.json; {} and a note if it is damaged.

        Raises `RunError` if a dnnlab with another file format wrote it.
        """
        try:
            if self._keeper.manifest.unflipped(self.path, META) is not None:
                raise ValueError("a bit of it is flipped")
            meta = read_object((self.path / META).read_bytes())
        except (OSError, *STRICT_ERRORS) as error:
            note = f"{META} is damaged ({error}) and is begun anew"
            self.notes += [note] if note not in self.notes else []
            return {}
        if meta.get("format", FORMAT) != FORMAT:
            raise RunError(
                Problem(
                    f"{META} has format {meta['format']!r}",
                    f"this dnnlab writes format {FORMAT}",
                    "use the dnnlab that made this run",
                    file=str(self.path),
                    code="format",
                )
            )
        return meta

    def update_meta(self, **changes: Any) -> dict[str, Any]:
        """Change keys of meta.json and return its content. A damaged file is replaced, with a note."""
        meta = {"format": FORMAT, **self.meta(), **changes} | {"format": FORMAT}
        self.write_json(META, meta)
        return meta

    def append(self, file: str, row: dict[str, Any]) -> None:
        """Append a row to a JSONL file, whole or not at all.

        The row is one write call, so that the operating system has it when this method returns.
        """
        self._append(file, line_of(row))

    def log(self, text: str) -> None:
        """Append to log.txt, with the local time; further lines of `text` are indented."""
        stamp = f"{datetime.now():%Y-%m-%d %H:%M:%S}  "
        lines = text.encode("utf-8", "backslashreplace").decode().splitlines() or [""]
        self._append(LOG, (stamp + ("\n" + " " * len(stamp)).join(lines) + "\n").encode())

    def lengths(self) -> dict[str, int]:
        """Bytes of every JSONL file and of log.txt."""
        with atomic.storing(self.path):
            return {path.name: path.stat().st_size for path in self._streams()}

    def truncate(self, lengths: Mapping[str, int]) -> None:
        """Cut the files back to `lengths`; JSONL files that it does not name become empty.

        A file that is shorter is not changed, and a note reports it. Raises `RunError`, before anything is
        changed, if a row that stays is damaged.
        """
        self._check_open()
        self._close_files()
        with atomic.storing(self.path):
            sizes = {path.name: path.stat().st_size for path in self._streams()}
            wanted_sizes = {
                name: lengths.get(name, size if name == LOG else 0) for name, size in sizes.items()
            }
            cut = {name: wanted for name, wanted in wanted_sizes.items() if wanted < sizes[name]}
            for name in wanted_sizes.keys() - {LOG}:
                self._check_rows(name, wanted_sizes[name])
            self._keeper.shorten({name: wanted for name, wanted in cut.items() if name != LOG})
            for name, wanted in cut.items():
                with (self.path / name).open("r+b") as file:
                    file.truncate(wanted)
            for name, wanted in lengths.items():
                path = self.path / Path(name).name
                size = path.stat().st_size if path.exists() else 0
                if size < wanted:
                    self.notes.append(f"{path.name} has lost its end: {size} of {wanted} bytes are there")

    def save_checkpoint(self, item: Checkpoint, keep: str | int = "best_and_last") -> Path:
        """Save a checkpoint durably, then delete those that `keep` does not name.

        keep: best_and_last, all, or a number. An undamaged checkpoint of that step is not written again.
        Raises `ValueError` for a non-finite weight and for an unknown `keep`; `StorageError`, after the
        incomplete folder was removed.
        """
        self._check_open()
        checkpoints.check_keep(keep)
        checkpoint.refuse_nonfinite(item)
        try:
            path = self._store.find(item.step)
            if path is None:
                for file in self._files.values():
                    file.sync()  # the lengths that the checkpoint names must be true after a power cut
                path = self._store.write(item, self.lengths())
                self._keeper.write()
            self.notes += self._store.prune(keep, path)
        except OSError as error:
            raise StorageError(
                Problem(
                    f"the checkpoint of step {item.step} could not be written: {atomic.reason(error)}",
                    "whatever was saved before is intact",
                    f"{atomic.remedy(error)}, then `dnnlab resume {self.path.name}`",
                    file=str(self.path / checkpoints.FOLDER),
                    code="storage",
                )
            ) from error
        return path

    def newest_checkpoint(self) -> Loaded | None:
        """The undamaged checkpoint of the highest step, or None.

        `notes` and the field `skipped` describe newer checkpoints that are damaged.
        """
        with atomic.storing(self.path / checkpoints.FOLDER):
            loaded, skipped = checkpoints.newest(self._store.parent)
        self.notes += skipped
        return loaded

    def close(self) -> None:
        """Close the files and release the lock. May be called twice."""
        self._close_files()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def discard(self) -> None:
        """Remove a run that could not start, and the parent folders that were made for it."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)
        for parent in self.made:
            with suppress(OSError):  # another process's run is in it by now
                parent.rmdir()

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._lock is None:
            raise ValueError(f"the run folder {self.path} is closed")
        if not self._lock.is_in(self.path):
            text, fix = "the run folder was removed while the run was written", "train it again"
            raise StorageError(
                Problem(text, "expected it to stay", fix, file=str(self.path), code="run_removed")
            )

    def _place(self, relative: str) -> Path:
        """The path of a file of this run, after making its folder."""
        self._check_open()
        if Path(relative).is_absolute() or ".." in Path(relative).parts:
            raise ValueError(f"{relative!r} leaves the run folder")
        path = self.path / relative
        if path.parent != self.path:
            path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _replace(self, relative: str, write: Callable[[Path], object]) -> None:
        """Replace a whole file by what `write` makes, and enter it into the manifest."""
        with atomic.storing(self.path / relative), atomic.replacing(self._place(relative)) as temporary:
            write(temporary)
            self._keeper.enter(relative, temporary)

    def _check_rows(self, name: str, size: int) -> None:
        """Raise `RunError` if a row in the first `size` bytes of a JSONL file is damaged."""
        manifest = self._keeper.manifest
        problem = manifest.wrong(self.path, name)
        if problem is None and manifest.files.get(name, {"size": 0})["size"] >= size:
            return  # their hash is right: no need to look at each of them
        problem = read_rows(self.path / name, size)[1] or (problem and f"it {problem}")
        if problem is not None:
            raise RunError(
                Problem(
                    f"{name}: {problem}",
                    "expected whole rows before the checkpoint",
                    f"`dnnlab repair {self.path.name}`",
                    file=str(self.path),
                    code="damaged",
                )
            )

    def _append(self, name: str, line: bytes) -> None:
        file = self._files.get(name)
        with atomic.storing(self.path / name):
            if file is None:
                file = self._files[name] = AppendFile(self._place(name))
            file.write(line)

    def _streams(self) -> list[Path]:
        return [*sorted(self.path.glob("*.jsonl")), *self.path.glob(LOG)]

    def _close_files(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()
