"""Repair the files of a run or of a sweep: by the manifest, else as far as they can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...errors import RunError
from ...report.figures import counted
from ...rundir import RunFolder, read_run
from ...rundir.atomic import reason
from ...rundir.checkpoint import verify
from ...rundir.checkpoints import FOLDER, folders, newest_progress
from ...rundir.json_values import STRICT_ERRORS, read_object
from ...rundir.jsonl import line_of
from ...rundir.manifest import MANIFEST, grows
from ...rundir.reader import LEDGER
from ...rundir.run_record import EVALUATIONS, VERDICTS
from ..doctor.doctor import write_verdicts
from .deeds import Deeds
from .keep_beside import keep_beside, set_aside
from .rows import mended_rows

DERIVED = {
    "layers.json": "`dnnlab show` makes it anew",
    VERDICTS: "the doctor looked again",
    "histograms.safetensors": "the histograms are lost",
}
"""Files without which a run is whole -> what becomes of a damaged one."""
METRICS = "metrics.jsonl"
SET_BACK = "a flipped bit was set back"


def repair_files(folder: RunFolder, deeds: Deeds) -> None:
    """Repair everything in a folder but the ledger of a sweep. Raises `StorageError`."""
    before = len(deeds.done)
    if folder.manifest_problem:
        kept = keep_beside(folder.path / MANIFEST)
        folder.mend_manifest()
        deeds.add(folder, MANIFEST, "written anew", kept)
    names = {*folder.manifest.files, *(path.name for path in folder.path.glob("*.json"))} - {MANIFEST}
    for name in sorted(names):
        if not grows(name):
            _repair_whole(folder, name, deeds)
    for path in sorted(folder.path.glob("*.jsonl")):
        if path.name != LEDGER:
            _repair_rows(folder, path.name, deeds)
    for path in sorted((folder.path / EVALUATIONS).glob("*.json")):
        name = f"{EVALUATIONS}/{path.name}"
        if read_run(folder.path).json(name) is None:
            deeds.add(folder, name, "set aside: `dnnlab evaluate` measures again", set_aside(path))
    if any(deed.file.endswith(VERDICTS) for deed in deeds.done[before:]):
        write_verdicts(folder)
    for name, wrong in _damaged_checkpoints(folder.path):
        deeds.leave(folder, name, f"{wrong}; another one is used, if there is one")


def _repair_whole(folder: RunFolder, name: str, deeds: Deeds) -> None:
    path, manifest = folder.path / name, folder.manifest
    before = None
    try:
        wrong = manifest.wrong(folder.path, name)
        if wrong is None and (name in manifest.files or _readable(path)):
            return
        before = manifest.unflipped(folder.path, name)
        if before is None and not name.endswith(".safetensors") and _readable(path):
            return  # somebody edited it
    except FileNotFoundError:
        wrong = "is missing"
    except OSError as error:
        wrong = f"cannot be read: {reason(error)}"
    if before is not None:
        kept = keep_beside(path)
        folder.write_bytes(name, before)
        deeds.add(folder, name, SET_BACK, kept)
    elif name in DERIVED:
        aside = set_aside(path) if path.is_file() else None
        folder.forget(name)
        deeds.add(folder, name, DERIVED[name], aside)
    else:
        deeds.leave(folder, name, wrong or "cannot be read")


def _readable(path: Path) -> bool:
    """Whether a JSON file or a text can be read."""
    try:
        content = path.read_bytes()
        _ = read_object(content) if path.suffix == ".json" else content.decode()
    except STRICT_ERRORS:
        return False
    return True


def _repair_rows(folder: RunFolder, name: str, deeds: Deeds) -> None:
    """Set a flipped bit back, else blank the rows that cannot be read; the others are kept as they are."""
    manifest, content = folder.manifest, (folder.path / name).read_bytes()
    size = manifest.files.get(name, {}).get("size", 0)
    wrong, mended = manifest.wrong(folder.path, name), manifest.unflipped(folder.path, name)
    what = SET_BACK
    if wrong is None or mended is None:
        mended, lost = mended_rows(content, size, _known_rows(folder.path) if name == METRICS else {})
        if not wrong and not lost:
            return  # whole, or with a last line that is cut, as a kill leaves it
        what = f"{counted(lost, 'row')} lost" if lost else "rows that were edited are kept as they are"
    kept = keep_beside(folder.path / name)
    folder.write_bytes(name, mended)
    deeds.add(folder, name, what, kept)


def _known_rows(run: Path) -> dict[int, bytes]:
    """The lines of metrics.jsonl that the newest checkpoint holds, too: the best and the last epoch's."""
    progress = newest_progress(run) or {}
    rows = [row for key in ("best", "last") if (row := progress.get(key, {}).get("metrics"))]
    return {row["epoch"] - 1: line_of(row) for row in rows if isinstance(row.get("epoch"), int)}


def _damaged_checkpoints(run: Path) -> Iterator[tuple[str, str]]:
    """(name, what is wrong) of the checkpoints that were finished and are damaged."""
    for path in folders(run / FOLDER):
        try:
            verify(path)
        except RunError as error:
            if (path / MANIFEST).exists():
                yield f"{FOLDER}/{path.name}", error.problems[0].received
