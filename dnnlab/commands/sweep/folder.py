"""The folder of a sweep: made, kept by its coordinator, taken up again."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...config import Config
from ...config.tree import Place, tree
from ...errors import ConfigError, Problem, RunError
from ...rundir import RunFolder, RunView, create, read_run
from ...rundir.atomic import storing
from ...rundir.jsonl import CUT, AppendFile, line_of
from ...rundir.reader import LEDGER, TRIALS
from ...rundir.run_record import RunRecord
from ...search.ledger import Ledger
from ...search.spec import Spec, read_spec
from ..train.provenance import now, origin_here
from .base_config import Base

__all__ = [
    "LEDGER",
    "RESOLVED",
    "SWEEP",
    "LedgerFile",
    "check_ledger",
    "check_unchanged",
    "kept_spec",
    "ledger_problem",
    "make_folder",
    "read_ledger",
    "remove_cache",
    "resolved_spec",
]

SWEEP, RESOLVED = "sweep.yaml", "resolved.json"
CACHE = "cache"  # the folder of prepared data, which is removed when the sweep is done
MOST_SHOWN = 12  # lines of a difference


class LedgerFile:
    """The ledger on the disk and in memory. What was added is durable after `sync`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LEDGER
        check_ledger(folder)
        self.state = read_ledger(folder)[0]
        with storing(self.path):
            self._file = AppendFile(self.path)

    def add(self, event: str, **facts: Any) -> None:
        """Take an event in and write it down. Raises `StorageError`."""
        row = {"event": event, "time": now(), **facts}
        self.state.add(row)
        with storing(self.path):
            self._file.write(line_of(row))

    def sync(self) -> None:
        """Make everything durable. Raises `StorageError`."""
        with storing(self.path):
            self._file.sync()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_ledger(folder: Path) -> tuple[Ledger, str | None]:
    """The ledger of a sweep as far as it can be read, and what is damaged in words."""
    view = read_run(folder)
    rows, ledger = view.rows(LEDGER), Ledger()
    problem = next((words for words in view.problems if words.startswith(LEDGER)), None)
    if not os.path.lexists(folder / LEDGER):
        problem = f"{LEDGER} is missing"
    for i, row in enumerate(rows, 1):
        try:
            ledger.add(row)
        except (KeyError, TypeError, ValueError) as error:
            return ledger, f"{LEDGER}: line {i} does not fit what stands before it ({error})"
    return ledger, problem


def ledger_problem(folder: Path) -> str | None:
    """What is damaged in the ledger of a sweep; a last line that is cut, as a kill leaves it, is not."""
    problem = read_ledger(folder)[1]
    return None if problem is None or CUT in problem else problem


def check_ledger(folder: Path) -> None:
    """Raise `RunError` if the ledger of a sweep is damaged: what is behind the damage would be done again."""
    if (problem := ledger_problem(folder)) is not None:
        fix = f"`dnnlab repair {folder.name}` rebuilds it"
        raise RunError(Problem(f"{folder.name}: {problem}", "expected a whole ledger", fix, code="damaged"))


def make_folder(
    runs_dir: Path, spec: Spec, base: Base, text: str, file: Path | None, resolved: dict[str, Any]
) -> RunFolder:
    """A new sweep folder, held. text: the sweep's YAML; file: where it stands, None for one that was typed.

    Raises `StorageError`.
    """
    folder = create(runs_dir, spec.name)
    try:
        folder.write_text(SWEEP, text)
        sources = []
        for i, (path, content) in enumerate(base.texts.items()):
            relative = f"sources/{i:02d}-{path.name}"
            folder.write_text(relative, content)
            sources.append({"path": str(path), "file": relative})
        here = {**origin_here(), "folder": str(base.folder)}
        folder.write_json(
            RESOLVED, {"format": 1, "kind": "sweep", "file": None if file is None else str(file), **resolved}
        )
        (folder.path / TRIALS).mkdir()
        folder.update_meta(
            kind="sweep",
            name=spec.name,
            sources=sources,
            overrides=list(base.overrides),
            **here,
            times={"started": now()},
        )
        folder.seal()
        (folder.path / LEDGER).touch()  # what makes it a sweep comes last: now it can be resumed
    except BaseException:
        folder.discard()
        raise
    return folder


def kept_spec(view: RunView) -> Spec:
    """The sweep that a folder was made for, with the trials that it was raised to. Raises `RunError`."""
    spec, raised = resolved_spec(view), read_ledger(view.path)[0].raised
    return spec if raised is None else spec.with_trials(raised)


def resolved_spec(view: RunView) -> Spec:
    """The sweep that a folder was made for. Raises `RunError`."""
    resolved = view.json(RESOLVED)
    if resolved is None or not isinstance(resolved.get("spec"), dict):
        problem = f"{view.name} does not say what it searches ({RESOLVED})"
        raise RunError(
            Problem(problem, "expected a whole sweep folder", "", file=str(view.path), code="damaged")
        )
    here = Place(folder=Path(RunRecord(view).folder or "."))  # of the relative paths in it
    try:
        return read_spec(tree(resolved["spec"], here))
    except ConfigError as error:
        raise RunError(
            *(
                Problem(f"{RESOLVED}: {p.received}", p.expected, p.fix, p.path, code="damaged")
                for p in error.problems
            )
        ) from None


def check_unchanged(view: RunView) -> None:
    """Raise `RunError` with the difference if a file of the sweep has changed; missing files are ignored."""
    resolved = view.json(RESOLVED) or {}
    kept = {Path(source.path): source.file for source in RunRecord(view).sources}
    if resolved.get("file"):
        kept = {Path(resolved["file"]): SWEEP, **kept}
    problems = []
    for path, file in kept.items():
        try:
            new, old = path.read_text(encoding="utf-8"), (view.path / file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if new != old:
            lines = list(_difference(old, new))
            more = f" ... and {len(lines) - MOST_SHOWN} more lines" if len(lines) > MOST_SHOWN else ""
            fix = "put the old text back, or start a new sweep with `dnnlab sweep`"
            text = f"{path} has changed since the sweep began ({' | '.join(lines[:MOST_SHOWN])}{more})"
            problems.append(
                Problem(
                    text, "expected the text that its trials were trained with", fix, code="config_changed"
                )
            )
    if problems:
        raise RunError(*problems)


def _difference(old: str, new: str) -> Iterator[str]:
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm=""):
        if line[:1] in "+-" and not line.startswith(("+++", "---")):
            yield line


def remove_cache(folder: Path) -> None:
    """Give back the room that the prepared data take; a sweep that goes on prepares them again."""
    with suppress(OSError):
        shutil.rmtree(folder / CACHE)


def data_key(config: Config, *, augment: bool = False) -> str:
    """A name for the data of a config: the same for all that prepare the same rows in the same way.

    augment: whether augmentations count, which act on batches and not on what is prepared.
    """
    data: Any = config.resolved()["data"]
    if not augment:
        data = {key: value for key, value in data.items() if key != "augment"}
    folders = [str(config.folder_of(f"data.{key}")) for key in sorted(data)]
    text = json.dumps([data, folders, config.experiment.training.device], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
