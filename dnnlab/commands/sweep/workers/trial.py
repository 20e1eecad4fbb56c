"""One run of a trial, in the process of a worker: an ordinary run folder, taken up where an earlier process left it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ....assembly.session import Built, build
from ....config import Config
from ....data.prepare.shared_files import Ready
from ....engine.records import Epoch
from ....engine.session import Stop
from ....errors import DnnlabError, RunError, StorageError
from ....rundir import Loaded, RunFolder, create_at, read_run, reopen
from ...train.events import Finished
from ...train.provenance import write_beginning
from ...train.train import Training, memory_errors, put_back

OVER = ("done", "stopped_early", "pruned", "diverged")
PATIENCE = 10.0  # seconds that the lock of a run may be held by a process that is just dying


@dataclass
class Order:
    """What a worker is asked to train. path: of the run folder. stop: how it is asked to end.

    report: hears (epoch, monitor) of each epoch, and says whether to go on. origin: what meta.json says of
    where the run comes from.
    """

    path: Path
    config: Config
    data: Ready
    stop: Stop
    report: Callable[[int, float | None], bool]
    origin: Mapping[str, Any] = field(default_factory=dict)


def run_trial(order: Order) -> dict[str, Any]:
    """Train to an end.

    Returns {status, value, epoch, epochs, seconds, reason}: of the monitor's best epoch, whatever happened.

    status: those of a run, `failed` with the reason, `no_result` where the monitor was never measured,
    `storage` for a full disk.
    """
    try:
        return _run(order)
    except StorageError as error:
        return _ended("storage", str(error))
    except DnnlabError as error:
        return _ended(error.code if error.code in ("diverged", "out_of_memory") else "failed", str(error))
    except Exception as error:
        _leave_trace(order.path, error)
        return _ended("failed", f"{type(error).__name__}: {error}")
    except SystemExit as error:
        return _ended("no_result", f"it ended without a result: a part called exit({error.code})")


def _run(order: Order) -> dict[str, Any]:
    with memory_errors():
        built = build(order.config, None, _threads(order.path), order.data)
    folder, loaded = _open(order, built)
    with folder:
        meta = folder.meta()
        if loaded is not None and meta.get("status") in OVER:
            return _result(
                meta, str(meta["status"]), str(meta.get("reason", "")), float(meta.get("seconds", 0.0))
            )
        put_back(folder, built, loaded)
        if meta["status"] != "running":
            folder.update_meta(status="running", reason="")
        training = Training(folder, order.config, built, None, order.stop, order.data)
        training.checkpoints.note_saved()  # a run of less than five seconds needs no checkpoint on its way
        found = _ended("no_result", "it ended without a result")
        for event in training.run():
            if type(event) is Epoch:
                if not order.report(event.epoch, event.value):
                    order.stop.status, order.stop.reason = (
                        "pruned",
                        f"worse than other trials at epoch {event.epoch}",
                    )
            elif type(event) is Finished:
                found = _result(event.result, event.result["status"], event.reason, event.result["seconds"])
    return found


def _threads(path: Path) -> int | None:
    return read_run(path).meta.get("threads") if path.exists() else None


def _open(order: Order, built: Built) -> tuple[RunFolder, Loaded | None]:
    """The run folder, held, and the checkpoint to go on from; one that never got its beginning is made anew."""
    if order.path.exists():
        folder = _reopen(order.path)
        if folder is not None:
            meta = folder.meta()
            if "monitor" in meta and meta.get("config") == order.config.flat():
                return folder, folder.newest_checkpoint()
            folder.close()
        shutil.rmtree(order.path)
    folder = create_at(order.path, order.config.experiment.name)
    try:
        write_beginning(folder, order.config, built, order.origin)
    except BaseException:
        folder.discard()
        raise
    return folder, None


def _reopen(path: Path) -> RunFolder | None:
    """The folder, once a process that is dying has let go of it; None where nothing in it can be used."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return reopen(path)
        except RunError as error:
            if error.problems[0].code != "locked":
                return None
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _result(moment: Mapping[str, Any], status: str, reason: str, seconds: float) -> dict[str, Any]:
    best, last = moment.get("best") or {}, moment.get("last") or {}
    value = best.get("metrics", {}).get(moment.get("monitor"))
    if value is None and status in ("done", "stopped_early"):
        status, reason = "no_result", f"{moment.get('monitor')} was never a finite number"
    found = {"value": value, "epoch": best.get("epoch"), "epochs": last.get("epoch", 0)}
    return {"status": status, **found, "seconds": seconds, "reason": reason}


def _ended(status: str, reason: str) -> dict[str, Any]:
    return {"status": status, "value": None, "epoch": None, "epochs": 0, "seconds": 0.0, "reason": reason}


def _leave_trace(path: Path, error: Exception) -> None:
    import traceback

    with suppress(OSError), (path / "log.txt").open("a", encoding="utf-8", errors="backslashreplace") as log:
        log.write("".join(traceback.format_exception(error)))
