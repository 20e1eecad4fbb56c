"""Trains on a Ray cluster: workers are actors, placed by Ray; everything else is as on one machine.

The sweep's folder must lie on a file system that all nodes share: every worker proves it with a file before
it gets a job.
"""

from __future__ import annotations

import json
import queue
import secrets
import threading
import time
import warnings
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....errors import Problem, RunError
from .executor import Executor, WorkerHandle, cores
from .messages import (
    ExecutorMessage,
    FromWorker,
    JobMessage,
    ToWorker,
    WorkerDied,
    WorkerSettings,
    ended,
    result_without_value,
    run_name,
)
from .ray_cluster import Cluster, loaded
from .ray_worker import RayWorker, here, versions

SEEN = 10.0  # seconds that a shared file system may take to show a new file


@dataclass(eq=False)
class Actor(WorkerHandle):
    """One worker of the cluster. actor: None until Ray has taken the request."""

    actor: Any = None
    gone: bool = False
    host: str = ""


class RayExecutor(Executor[Actor]):
    """Actors of a Ray cluster."""

    def __init__(
        self, settings: WorkerSettings, address: str, workers: int | None, cpus: int, device: str
    ) -> None:
        super().__init__(settings, cpus, device)
        self.folder = Path(settings["sweep"])
        self.cluster = Cluster(address, max(cores(), cpus * (workers or 1)), self.folder / "workers.log")
        self.waiting: deque[JobMessage] = deque()
        self.inbox: queue.Queue[tuple[Actor, FromWorker | BaseException | None]] = queue.Queue()
        self.gpus = 0.0

    def slots(self) -> int:
        """The number of workers that fit: one per GPU if they need one, else one per `cpus` CPUs."""
        size = self.cluster.size()
        if self.device.startswith("cuda"):
            return max(1, int(size.get("GPU", 0)))
        return max(1, int(size.get("CPU", 0)) // self.cpus)

    def notes(self) -> list[str]:
        """Notes to print when the sweep starts."""
        busy = (
            ["all of its CPUs are taken by now: workers begin as soon as they are free"]
            if self.cluster.busy()
            else []
        )
        return [self.cluster.words(), *busy]

    def start(self, count: int) -> None:
        """Ask for workers; they join as Ray finds places for them."""
        gpus = (
            self.cluster.size().get("GPU", 0.0)
            if self.device == "auto" or self.device.startswith("cuda")
            else 0.0
        )
        self.gpus = min(1.0, gpus / count)
        super().start(count)

    def room(self, ahead: int) -> int:
        """How many jobs can be taken by workers that have found a place."""
        return max(0, super().room(ahead) - len(self.waiting))

    def submit(self, job: JobMessage) -> None:
        """Give a job to the worker that has the fewest, or to the first that joins."""
        if self._open():
            super().submit(job)
        else:
            self.waiting.append(job)

    def events(self, seconds: float) -> list[ExecutorMessage]:
        """What the workers have said; waits at most so long for the first word.

        Raises `RunError` for a node that will not do.
        """
        found: list[ExecutorMessage] = []
        deadline = time.monotonic() + seconds
        with suppress(queue.Empty):
            while True:
                handle, message = (
                    self.inbox.get(timeout=max(0.0, deadline - time.monotonic()))
                    if not found
                    else self.inbox.get_nowait()
                )
                if not handle.gone:
                    found.append(
                        self._on_message(handle, message)
                        if isinstance(message, dict)
                        else self._on_death(handle, message)
                    )
        return found

    def ask(self, job: str | None, status: str, reason: str) -> None:
        """Ask one run to end, or all of them (and nothing that waits is begun)."""
        super().ask(job, status, reason)
        for waiting in list(self.waiting):
            name = run_name(waiting)
            if name is not None and job in (None, name):
                self.waiting.remove(waiting)
                cancelled = ended(name, result_without_value("cancelled"))
                self.inbox.put((Actor(jobs=[waiting]), cancelled))

    def close(self) -> None:
        """End all workers and leave the cluster."""
        for handle in self.handles:
            handle.gone = True
            self._kill(handle)
        self.handles = []
        self.cluster.leave()

    def _new_worker(self) -> Actor:
        handle = Actor()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kind = loaded().remote(concurrency_groups={"talk": 1})(RayWorker)
            handle.actor = kind.options(num_cpus=self.cpus, num_gpus=self.gpus, max_restarts=0).remote(
                self.settings, here()
            )
        threading.Thread(target=self._listen, args=(handle,), name="dnnlab listener", daemon=True).start()
        return handle

    def _listen(self, handle: Actor) -> None:
        """A thread for each worker: what it says goes into the queue, and how it ends."""
        ray = loaded()
        end: BaseException | None = None
        try:
            name, text = f".probe-{secrets.token_hex(4)}", secrets.token_hex(16)
            found = ray.get(handle.actor.probe.remote(name, text))
            handle.host = found["host"]
            self._check(found, name, text)
            for word in handle.actor.messages.options(num_returns="streaming").remote():
                self.inbox.put((handle, json.loads(ray.get(word))))
        except (
            Exception,
            SystemExit,
            # of Ray when the worker or this process' part in the cluster is gone, or ours of `_check`
        ) as error:
            end = error
        self.inbox.put((handle, end))

    def _check(self, found: Mapping[str, Any], name: str, text: str) -> None:
        """Raise `RunError` for a node whose folder or versions are not ours."""
        node = f"the node {found['host']}"
        if found["problem"]:
            raise RunError(self._unshared(f"{node} cannot write into {self.folder}: {found['problem']}"))
        if not seen(self.folder / name, text):
            raise RunError(self._unshared(f"what {node} wrote into {self.folder} did not arrive here"))
        ours = versions()
        for package, version in found["versions"].items():
            if version != ours[package]:
                text = f"{node} has {package} {version}, and this machine {ours[package]}"
                raise RunError(
                    Problem(
                        text,
                        "expected the same, or results would differ",
                        "install the same on all nodes",
                        code="ray",
                    )
                )

    def _unshared(self, text: str) -> Problem:
        fix = (
            "--runs-dir FOLDER on a file system that all nodes share, "
            "or executor: {name: ray, address: local}"
        )
        return Problem(text, "expected a folder that all nodes share", fix, code="ray")

    def _open(self) -> list[Actor]:
        return [handle for handle in self.handles if handle.ready]

    def _on_message(self, handle: Actor, message: FromWorker) -> FromWorker:
        super()._on_message(handle, message)
        while self.waiting and len(handle.jobs) < 2 and handle in self.handles:
            handle.jobs.append(self.waiting.popleft())
            self._send(handle, handle.jobs[-1])
        return message

    def _on_death(self, handle: Actor, end: BaseException | None) -> WorkerDied:
        if isinstance(end, RunError):
            raise end
        return self._died(handle, death_reason(end, handle.host))

    def _replace(self, handle: Actor) -> None:
        handle.gone = True
        self._kill(handle)
        self.handles[self.handles.index(handle)] = self._new_worker()

    def _kill(self, handle: Actor) -> None:
        with suppress(Exception):  # gone already, or the whole cluster is
            loaded().kill(handle.actor, no_restart=True)

    def _send(self, handle: Actor, message: ToWorker) -> None:
        with suppress(Exception):  # it has died; its stream of messages says so
            handle.actor.tell.options(concurrency_group="talk").remote(json.dumps(message).encode())


def seen(file: Path, text: str) -> bool:
    """Whether a file holds this text, now or soon; it is removed."""
    deadline = time.monotonic() + SEEN
    while True:
        with suppress(OSError):
            if file.read_text(encoding="utf-8") == text:
                file.unlink()
                return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)


def death_reason(error: BaseException | None, host: str) -> str:
    """How a worker ended, in words: `its process died (on node-3)`."""
    text, where = str(error or ""), f" (on {host})" if host else ""
    if "creation task" in text:
        return "it could not begin: " + text.strip().splitlines()[-1]
    if "low on memory" in text:
        return f"its node ran low on memory, and Ray ended its process{where}"
    if "node has died" in text or "node was terminated" in text or "node died" in text:
        return f"its node died{where}"
    return f"its process died{where}"
