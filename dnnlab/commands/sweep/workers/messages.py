"""The messages between the coordinator of a sweep and its workers. All of them are plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from ....rundir import RunStatus
from ....rundir.status import GOOD


class RunJob(TypedDict):
    """Train one run."""

    kind: Literal["run"]
    job: str
    """Its name, which all messages about the run repeat."""
    path: str
    """The run folder, relative to the folder of the sweep."""
    changes: list[str]
    """KEY=VALUE changes to the base config."""
    verdicts: bool
    """Whether the worker waits for a verdict after each epoch."""


class DataJob(TypedDict):
    """Prepare the data of the base config."""

    kind: Literal["data"]
    changes: list[str]


class Verdict(TypedDict):
    """The answer to an epoch."""

    kind: Literal["verdict"]
    go_on: bool


class StopRequest(TypedDict):
    """Ask one run to end, or all of them."""

    kind: Literal["stop"]
    job: str | None
    status: str
    reason: str


class Quit(TypedDict):
    """End the worker process."""

    kind: Literal["quit"]


class Ready(TypedDict):
    """The worker waits for its first job."""

    kind: Literal["ready"]
    pid: int


class RunStarted(TypedDict):
    """The worker has begun with a run."""

    kind: Literal["started"]
    job: str


class EpochEnded(TypedDict):
    """An epoch of a run is over."""

    kind: Literal["epoch"]
    job: str
    epoch: int
    epochs: int
    value: float | None
    """The monitor; None if it was not measured."""
    last: bool


class TrialResult(TypedDict):
    """How a run ended."""

    status: str
    """That of a run; or failed, no_result, storage, cancelled, killed."""
    value: float | None
    """The monitor at the best epoch."""
    epoch: int | None
    """The best epoch."""
    epochs: int
    seconds: float
    reason: str


class RunEnded(TrialResult):
    """A run has ended."""

    kind: Literal["ended"]
    job: str


class DataReady(TypedDict):
    """The data are prepared."""

    kind: Literal["data"]
    fingerprint: str
    description: list[str]


class DataRefused(TypedDict):
    """The data cannot be prepared."""

    kind: Literal["refused"]
    error: list[dict[str, Any]]
    """The problems as JSON."""


class WorkerDied(TypedDict):
    """A worker process is gone; the executor has started another one."""

    kind: Literal["died"]
    job: str | None
    """The run that the worker trained."""
    returned: list[str]
    """Runs that were assigned to the worker and not begun."""
    reason: str
    code: int | None
    early: bool
    """Whether the worker died before it was ready."""


JobMessage = RunJob | DataJob
ToWorker = JobMessage | Verdict | StopRequest | Quit
FromWorker = Ready | RunStarted | EpochEnded | RunEnded | DataReady | DataRefused
ExecutorMessage = FromWorker | WorkerDied


class WorkerSettings(TypedDict):
    """What a worker needs to begin."""

    sweep: str
    """The folder of the sweep."""
    base: str
    """The file of the base config."""
    origin: dict[str, Any]
    """What meta.json of each run says about its origin."""


def run_name(job: JobMessage) -> str | None:
    """The name of a run's job; None for a data job."""
    return job["job"] if job["kind"] == "run" else None


def result_without_value(status: str, reason: str = "", seconds: float = 0.0) -> TrialResult:
    """The result of a run that has no measured value."""
    return {"status": status, "value": None, "epoch": None, "epochs": 0, "seconds": seconds, "reason": reason}


def result_of(moment: Mapping[str, Any], status: str, reason: str, seconds: float) -> TrialResult:
    """The result of a run that has ended. moment: {best, last, monitor}, as meta.json holds them."""
    best, last = moment.get("best") or {}, moment.get("last") or {}
    value = best.get("metrics", {}).get(moment.get("monitor"))
    if value is None and status in GOOD:
        status, reason = "no_result", f"{moment.get('monitor')} was never a finite number"
    return {
        "status": status,
        "value": value,
        "epoch": best.get("epoch"),
        "epochs": last.get("epoch", 0),
        "seconds": seconds,
        "reason": reason,
    }


def event_of(result: TrialResult) -> tuple[str, dict[str, Any]]:
    """(event, facts) for the ledger, of the end of a run."""
    status = result["status"]
    facts = {"status": status, "seconds": result["seconds"]}
    if status in GOOD:
        return "result", {
            **facts,
            "value": result["value"],
            "epoch": result["epoch"],
            "epochs": result["epochs"],
        }
    return "pruned" if status == RunStatus.PRUNED else "failed", facts | {"reason": result["reason"]}


def ended(job: str, result: TrialResult) -> RunEnded:
    """The message that a run has ended."""
    return {"kind": "ended", "job": job, **result}


def died(handle_jobs: list[JobMessage], reason: str, code: int | None, early: bool) -> WorkerDied:
    """The message that a worker is gone. handle_jobs: its jobs, the one that it worked on first."""
    names = [run_name(job) for job in handle_jobs]
    current = names[0] if names else None
    returned = [name for name in names[1:] if name is not None]
    return {
        "kind": "died",
        "job": current,
        "returned": returned,
        "reason": reason,
        "code": code,
        "early": early,
    }
