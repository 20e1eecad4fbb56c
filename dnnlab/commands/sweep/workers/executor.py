"""Executors of a sweep: what all of them do, and processes of this machine."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from pathlib import Path
from typing import Any, Generic, TypeVar

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


@dataclass(eq=False)
class WorkerHandle:
    """One worker, as the coordinator knows it."""

    jobs: list[JobMessage] = field(default_factory=list)
    """Assigned and not ended; the worker works on the first."""
    ready: bool = False


Handle = TypeVar("Handle", bound=WorkerHandle)


class Executor(ABC, Generic[Handle]):
    """Hands jobs to workers and collects their messages. A worker that died is replaced by a new one.

    cpus, device: what one worker needs.
    """

    def __init__(self, settings: WorkerSettings, cpus: int = 1, device: str = "cpu") -> None:
        self.settings, self.cpus, self.device = settings, cpus, device
        self.handles: list[Handle] = []

    @abstractmethod
    def slots(self) -> int:
        """The number of workers that fit: one per GPU if they need one, else one per `cpus` cores."""

    @abstractmethod
    def events(self, seconds: float) -> list[ExecutorMessage]:
        """The messages of the workers; waits at most so long for the first."""

    @abstractmethod
    def close(self) -> None:
        """End all workers."""

    def notes(self) -> list[str]:
        """Notes to print when the sweep starts."""
        return []

    def start(self, count: int) -> None:
        """Start so many workers. Takes as long as loading torch does."""
        for _ in range(count):
            self.handles.append(self._new_worker())

    def room(self, ahead: int) -> int:
        """How many jobs can be submitted if each worker may have `ahead` waiting beside its current one."""
        return sum(max(0, 1 + ahead - len(handle.jobs)) for handle in self._open())

    def submit(self, job: JobMessage) -> None:
        """Give a job to the worker that has the fewest."""
        handle = min(self._open(), key=lambda handle: len(handle.jobs))
        handle.jobs.append(job)
        self._send(handle, job)

    def verdict(self, job: str, go_on: bool) -> None:
        """Answer the epoch of a run."""
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
            self._kill(handle)

    def _open(self) -> list[Handle]:
        """The workers that take jobs."""
        return self.handles

    @abstractmethod
    def _new_worker(self) -> Handle:
        """Start a worker."""

    @abstractmethod
    def _send(self, handle: Handle, message: ToWorker) -> None:
        """Send a message to a worker. If the worker has died, its own messages report that."""

    @abstractmethod
    def _kill(self, handle: Handle) -> None:
        """End the process of a worker at once."""

    @abstractmethod
    def _replace(self, handle: Handle) -> None:
        """Put a new worker in the place of one that has died or ends."""

    def _on_message(self, handle: Handle, message: FromWorker) -> FromWorker:
        handle.ready = True
        if message["kind"] in END_OF_JOB:
            handle.jobs.pop(0)
        # The heap of the worker is fragmented: it ends, and another worker takes its place.
        if message["kind"] == "ended" and message["status"] == "out_of_memory":
            returned, handle.jobs = handle.jobs, []
            self._replace(handle)
            for job in returned:
                self.submit(job)
        return message

    def _died(self, handle: Handle, reason: str, code: int | None = None) -> WorkerDied:
        self._replace(handle)
        return died(handle.jobs, reason, code, early=not handle.ready)

    def _handle_of(self, job: str) -> Handle | None:
        return next(
            (handle for handle in self.handles if any(run_name(each) == job for each in handle.jobs)), None
        )


@dataclass(eq=False)
class Process(WorkerHandle):
    """A worker process of this machine, and the pipe to it."""

    process: Any = None
    pipe: Any = None


def run_worker(pipe: Any, settings: str) -> None:
    """The main function of a worker process. Only there is torch imported."""
    from .worker import main

    main(pipe, settings)


class LocalExecutor(Executor[Process]):
    """Worker processes of this machine, forked from a server that has torch loaded."""

    def __init__(self, settings: WorkerSettings, cpus: int = 1, device: str = "cpu") -> None:
        super().__init__(settings, cpus, device)
        known = multiprocessing.get_all_start_methods()
        self.context: Any = multiprocessing.get_context("forkserver" if "forkserver" in known else "spawn")
        self.closing = False

    def slots(self) -> int:
        """The number of workers that fit on this machine: one per GPU, else one per `cpus` cores."""
        return 1 if self.device.startswith(("cuda", "mps")) else max(1, cores() // self.cpus)

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

    def close(self) -> None:
        """End all workers; those that work on a job are killed."""
        self.closing = True
        for handle in self.handles:
            if handle.jobs:
                self._kill(handle)
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

    def _new_worker(self) -> Process:
        ours, theirs = self.context.Pipe()
        arguments = theirs, json.dumps(self.settings)
        process = self.context.Process(target=run_worker, args=arguments, daemon=True)
        with unseen_main():
            process.start()
        theirs.close()
        return Process(process=process, pipe=ours)

    def _on_death(self, handle: Process) -> WorkerDied:
        handle.process.join(5.0)
        code = handle.process.exitcode
        return self._died(handle, death_reason(code), code)

    def _kill(self, handle: Process) -> None:
        handle.process.kill()

    def _replace(self, handle: Process) -> None:
        with suppress(OSError):
            handle.pipe.close()
        place = self.handles.index(handle)
        if self.closing:
            del self.handles[place]
        else:
            self.handles[place] = self._new_worker()

    def _send(self, handle: Process, message: ToWorker) -> None:
        with suppress(OSError):  # the worker has died: reading its pipe reports that
            handle.pipe.send_bytes(json.dumps(message).encode())


def cores() -> int:
    """The CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
