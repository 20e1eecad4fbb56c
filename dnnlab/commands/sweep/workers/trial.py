"""One run of a trial in a worker process: an ordinary run folder, continued if an earlier process died."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ....assembly.reuse.source import with_source
from ....assembly.session import Built, build
from ....config import Config
from ....data.prepare.shared_files import Ready
from ....engine.records import Epoch
from ....engine.stop import Stop
from ....errors import DnnlabError, RunError, StorageError
from ....rundir import Loaded, RunFolder, RunStatus, create_at, reopen
from ....rundir.run_record import read_record
from ....rundir.status import SETTLED
from ...train.events import Finished
from ...train.provenance import write_beginning
from ...train.train import STATUS_OF, Training, kept_start, memory_errors, put_back
from .messages import TrialResult, result_of, result_without_value

LOCK_WAIT_S = 10.0  # how long a dying process may hold the lock of a run


@dataclass
class Job:
    """One run that a worker is asked to train."""

    path: Path
    """The run folder."""
    config: Config
    data: Ready
    stop: Stop
    """How the run is asked to end."""
    report: Callable[[int, float | None], bool]
    """Called with (epoch, monitor) after each epoch; returns whether to go on."""
    origin: Mapping[str, Any] = field(default_factory=dict)
    """What meta.json says about the origin of the run."""


def run_trial(job: Job) -> TrialResult:
    """Train to an end; the result is that of the monitor's best epoch, whatever happened.

    Its status is that of a run; or `failed` with the reason, `no_result` if the monitor was never measured,
    `storage` if the disk is full.
    """
    try:
        return _run(job)
    except StorageError as error:
        return result_without_value("storage", str(error))
    except DnnlabError as error:
        return result_without_value(STATUS_OF.get(type(error), RunStatus.FAILED), str(error))
    except Exception as error:
        _leave_trace(job.path, error)
        return result_without_value(RunStatus.FAILED, f"{type(error).__name__}: {error}")
    except SystemExit as error:
        return result_without_value(
            "no_result", f"it ended without a result: a part called exit({error.code})"
        )


def _run(job: Job) -> TrialResult:
    with memory_errors():
        built = _build(job)
    folder, loaded = _open(job, built)
    with folder:
        meta = folder.meta()
        if loaded is not None and meta.get("status") in SETTLED:
            return result_of(
                meta, str(meta["status"]), str(meta.get("reason", "")), float(meta.get("seconds", 0.0))
            )
        put_back(folder, built, loaded)
        if meta["status"] != RunStatus.RUNNING:
            folder.update_meta(status=RunStatus.RUNNING, reason="")
        training = Training(folder, job.config, built, None, job.stop, job.data)
        training.compares = False  # the data of all trials are the same
        training.checkpoints.note_saved()  # a run of less than five seconds needs no checkpoint on its way
        found = result_without_value("no_result", "it ended without a result")
        for event in training.run():
            if isinstance(event, Epoch):
                if not job.report(event.epoch, event.value):
                    job.stop.status = RunStatus.PRUNED
                    job.stop.reason = f"worse than other trials at epoch {event.epoch}"
            elif isinstance(event, Finished):
                found = result_of(event.result, event.result["status"], event.reason, event.result["seconds"])
    return found


def _build(job: Job) -> Built:
    run = read_record(job.path) if job.path.exists() else None
    begun = run is not None and run.monitor is not None
    start = kept_start(job.path) if begun else None
    config = job.config if begun else with_source(job.config, job.path.parent)
    return build(config, None, None if run is None else run.threads, job.data, start)


def _open(job: Job, built: Built) -> tuple[RunFolder, Loaded | None]:
    """The run folder, locked, and the checkpoint to continue from; an unfinished beginning is made anew."""
    if job.path.exists():
        folder = _reopen(job.path)
        if folder is not None:
            meta = folder.meta()
            if "monitor" in meta and meta.get("config") == job.config.flat():
                return folder, folder.newest_checkpoint()
            folder.close()
        shutil.rmtree(job.path)
    folder = create_at(job.path, job.config.experiment.name)
    try:
        write_beginning(folder, job.config, built, job.origin)
    except BaseException:
        folder.discard()
        raise
    return folder, None


def _reopen(path: Path) -> RunFolder | None:
    """The folder, once a process that is dying has let go of it; None if nothing in it can be used."""
    deadline = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            return reopen(path)
        except RunError as error:
            if error.problems[0].code != "locked":
                return None
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _leave_trace(path: Path, error: Exception) -> None:
    import traceback

    with suppress(OSError), (path / "log.txt").open("a", encoding="utf-8", errors="backslashreplace") as log:
        log.write("".join(traceback.format_exception(error)))
