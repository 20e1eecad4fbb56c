"""Executors of a sweep: the Protocol that the coordinator uses, and processes of this machine."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from pathlib import Path
from typing import Any, Protocol

from .messages import (
    ExecutorMessage,
    FromWorker,
    JobMessage,
    ToWorker,
    WorkerDied,
    WorkerSettings,
    died,
    run_name,
)

PRELOADED = ["dnnlab.commands.sweep.workers.preload"]
END_OF_JOB = ("ended", "data", "refused")  # kinds of message that end the job of a worker


class Executor(Protocol):
    """Hands jobs to workers and collects their messages. A worker that died is replaced by a new one."""

    def slots(self) -> int:
        """The number of workers that fit."""

    def notes(self) -> list[str]:
        """Notes to print when the sweep starts."""

    def start(self, count: int) -> None:
        """Start so many workers."""

    def room(self, ahead: int) -> int:
        """How many jobs can be submitted if each worker may have `ahead` waiting."""

    def submit(self, job: JobMessage) -> None:
        """Give a job to a worker."""

    def events(self, seconds: float) -> list[ExecutorMessage]:
        """The messages of the workers; waits at most so long for the first."""

    def verdict(self, job: str, go_on: bool) -> None:
        """Answer the epoch of a run."""

    def ask(self, job: str | None, status: str, reason: str) -> None:
        """Ask one run to end, or all of them."""

    def kill(self, job: str) -> None:
        """Kill the worker that trains a run."""

    def close(self) -> None:
        """End all workers."""


@dataclass(eq=False)
class WorkerHandle:
    """One worker process, as the coordinator knows it."""

    process: Any
    pipe: Any
    jobs: list[JobMessage] = field(default_factory=list)
    """Assigned and not ended; the worker works on the first."""
    ready: bool = False


def run_worker(pipe: Any, settings: str) -> None:
    """The main function of a worker process. Only there is torch imported."""
    from .worker import main

    main(pipe, settings)


class LocalExecutor:
    """Worker processes of this machine, forked from a server that has torch loaded.

    cpus, device: what one worker needs.
    """

    def __init__(self, settings: WorkerSettings, cpus: int = 1, device: str = "cpu") -> None:
        self.settings, self.cpus, self.device = json.dumps(settings), cpus, device
        known = multiprocessing.get_all_start_methods()
        self.context: Any = multiprocessing.get_context("forkserver" if "forkserver" in known else "spawn")
        self.handles: list[WorkerHandle] = []
        self.closing = False

    def slots(self) -> int:
        """The number of workers that fit on this machine: one per GPU, else one per `cpus` cores."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return 1 if self.device.startswith(("cuda", "mps")) else max(1, cores // self.cpus)

    def notes(self) -> list[str]:
        """Notes to print when the sweep starts."""
        return []

    def start(self, count: int) -> None:
        """Start workers. Takes as long as loading torch does."""
        for _ in range(count):
            self.handles.append(self._new_worker())

    def room(self, ahead: int) -> int:
        """How many jobs can be submitted if each worker may have `ahead` waiting beside its current one."""
        return sum(max(0, 1 + ahead - len(handle.jobs)) for handle in self.handles)

    def submit(self, job: JobMessage) -> None:
        """Give a job to the worker that has the fewest."""
        handle = min(self.handles, key=lambda handle: len(handle.jobs))
        handle.jobs.append(job)
        self._send(handle, job)

    def events(self, seconds: float) -> list[ExecutorMessage]:
        """The messages of the workers; waits at most `seconds` for the first."""
        found: list[ExecutorMessage] = []
        for pipe in connection.wait([handle.pipe for handle in self.handles], seconds):
            handle = next(handle for handle in self.handles if handle.pipe is pipe)
            try:
                while handle in self.handles and handle.pipe.poll():
                    found.append(self._on_message(handle, json.loads(handle.pipe.recv_bytes())))
            except (EOFError, OSError):
                found.append(self._on_death(handle))
        return found

    def verdict(self, job: str, go_on: bool) -> None:
        """The answer to a worker's epoch."""
        if (handle := self._handle_of(job)) is not None:
            self._send(handle, {"kind": "verdict", "go_on": go_on})

    def ask(self, job: str | None, status: str, reason: str) -> None:
        """Ask one run to end; without `job` all runs, and no waiting job is begun."""
        for handle in self.handles if job is None else [self._handle_of(job)]:
            if handle is not None:
                self._send(handle, {"kind": "stop", "job": job, "status": status, "reason": reason})

    def kill(self, job: str) -> None:
        """Kill an unresponsive worker. Its death is reported as the usual `died` message."""
        if (handle := self._handle_of(job)) is not None:
            handle.process.kill()

    def close(self) -> None:
        """End all workers; those that work on a job are killed."""
        self.closing = True
        for handle in self.handles:
            if handle.jobs:
                handle.process.kill()
            else:
                self._send(handle, {"kind": "quit"})
        deadline = time.monotonic() + 2.0
        for handle in self.handles:
            handle.process.join(max(0.0, deadline - time.monotonic()))
            if handle.process.is_alive():
                handle.process.kill()
                handle.process.join()
            handle.pipe.close()
        self.handles = []

    def _new_worker(self) -> WorkerHandle:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(target=run_worker, args=(theirs, self.settings), daemon=True)
        with unseen_main():
            process.start()
        theirs.close()
        return WorkerHandle(process, ours)

    def _on_message(self, handle: WorkerHandle, message: FromWorker) -> FromWorker:
        handle.ready = True
        if message["kind"] in END_OF_JOB:
            handle.jobs.pop(0)
        # The heap of the worker is fragmented: it ends with its pipe, and another worker takes its place.
        if message["kind"] == "ended" and message["status"] == "out_of_memory":
            returned, handle.jobs = handle.jobs, []
            self._replace(handle)
            for job in returned:
                self.submit(job)
        return message

    def _on_death(self, handle: WorkerHandle) -> WorkerDied:
        handle.process.join(5.0)
        code = handle.process.exitcode
        self._replace(handle)
        return died(handle.jobs, death_reason(code), code, early=not handle.ready)

    def _replace(self, handle: WorkerHandle) -> None:
        with suppress(OSError):
            handle.pipe.close()
        place = self.handles.index(handle)
        if self.closing:
            del self.handles[place]
        else:
            self.handles[place] = self._new_worker()

    def _handle_of(self, job: str) -> WorkerHandle | None:
        return next(
            (handle for handle in self.handles if any(run_name(each) == job for each in handle.jobs)), None
        )

    def _send(self, handle: WorkerHandle, message: ToWorker) -> None:
        with suppress(OSError):  # the worker has died: reading its pipe reports that
            handle.pipe.send_bytes(json.dumps(message).encode())


def death_reason(code: int | None) -> str:
    """How a process ended: `the process died (SIGKILL)`."""
    if code is not None and code < 0:
        names = {number.value: number.name for number in signal.Signals}
        return f"its process died ({names.get(-code, f'signal {-code}')})"
    return "its process ended without a result" if code == 0 else f"its process ended with exit code {code}"


def warm_up() -> None:
    """Begin to load torch in the server that workers are forked from, without waiting for it."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver

        multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOADED)
        with findable():
            forkserver.ensure_running()


@contextmanager
def findable() -> Iterator[None]:
    """Let the server find this package, also if it is not installed.

    The server inherits the environment, but not `sys.path`.
    """
    before = os.environ.get("PYTHONPATH")
    here = str(Path(__file__).parents[4])
    os.environ["PYTHONPATH"] = here if not before else os.pathsep.join([here, before])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


@contextmanager
def unseen_main() -> Iterator[None]:
    """Hide the script that this process runs.

    A worker would import it, which takes long or starts the sweep once more.
    """
    module = sys.modules["__main__"]
    hidden = {name: getattr(module, name) for name in ("__spec__", "__file__") if hasattr(module, name)}
    for name in hidden:
        setattr(module, name, None)
    try:
        yield
    finally:
        for name, value in hidden.items():
            setattr(module, name, value)


def last_output(folder: Path, most: int = 5) -> str:
    """The last lines that workers have printed, as one line."""
    with suppress(OSError):
        lines = (folder / "workers.log").read_text(errors="backslashreplace").strip().splitlines()
        return " | ".join(line.strip() for line in lines[-most:] if line.strip())
    return ""
