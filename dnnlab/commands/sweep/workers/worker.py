"""A worker: a process that stays alive and trains one run after the other.

It talks to the coordinator in JSON through one pipe.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import queue
import threading
from contextlib import suppress
from multiprocessing import connection
from pathlib import Path
from time import monotonic
from typing import Any

from ....engine.runtime import ignore_group_signals, prepare
from ....engine.stop import Stop
from ....errors import DnnlabError
from ....rundir import RunStatus
from ....rundir.atomic import leave_to_system
from ....rundir.run_record import read_record
from ..base_config import Base, kept_base
from .log_capture import Output
from .messages import (
    DataJob,
    DataReady,
    DataRefused,
    FromWorker,
    JobMessage,
    RunEnded,
    RunJob,
    ToWorker,
    WorkerSettings,
    ended,
    result_without_value,
)
from .shared_data import DataShelf
from .trial import Job, run_trial

SECONDS_BETWEEN_REPORTS = 0.2
ORPHANED = 7
"""Exit code of a worker whose coordinator has gone."""


def main(pipe: Any, settings: str) -> None:
    """A process of its own that serves."""
    ignore_group_signals()
    serve(pipe, settings)


def serve(pipe: Any, settings: str) -> None:
    """Work on jobs until a `Quit` arrives. settings: `WorkerSettings` as JSON."""
    read: WorkerSettings = json.loads(settings)
    folder = Path(read["sweep"])
    output = Output(folder / "workers.log")
    prepare()
    leave_to_system()
    Worker(
        pipe,
        folder,
        kept_base(read_record(folder), Path(read["base"]), trust_plugins=True),
        read["origin"],
        output,
    ).work()


class Worker:
    """One worker.

    The main thread trains; a second one listens, so that a request to stop is heard in the middle of a run.
    """

    def __init__(self, pipe: Any, folder: Path, base: Base, origin: dict[str, Any], output: Output) -> None:
        self.pipe, self.folder, self.base, self.origin, self.output = pipe, folder, base, origin, output
        self.data = DataShelf(folder)
        self.jobs: queue.Queue[JobMessage | None] = queue.Queue()
        self.verdicts: queue.Queue[bool] = queue.Queue()
        self.current: tuple[str, Stop] | None = None
        self.halted: tuple[str, str] | None = None
        self.cancelled: set[str] = set()
        threading.Thread(target=self.listen, name="dnnlab listener", daemon=True).start()

    def work(self) -> None:
        """Work on jobs until there are no more."""
        self.send({"kind": "ready", "pid": os.getpid()})
        while (job := self.jobs.get()) is not None:
            self.send(self.prepare_data(job) if job["kind"] == "data" else self.train(job))
            gc.collect()

    def listen(self) -> None:
        """The second thread. It ends this process when the coordinator is gone."""
        parent = multiprocessing.parent_process()
        gone = [] if parent is None else [parent.sentinel]
        while True:
            found = connection.wait([self.pipe, *gone])
            try:
                if self.pipe not in found:
                    raise EOFError
                self.on_message(json.loads(self.pipe.recv_bytes()))
            except (EOFError, OSError):
                os._exit(ORPHANED)

    def on_message(self, message: ToWorker) -> None:
        """Act on one message of the coordinator."""
        if message["kind"] == "run" or message["kind"] == "data":
            self.jobs.put(message)
        elif message["kind"] == "verdict":
            self.verdicts.put(message["go_on"])
        elif message["kind"] == "quit":
            self.jobs.put(None)
        elif message["job"] is None:
            self.halted = message["status"], message["reason"]
            self.ask(*self.halted)
        elif self.current is not None and self.current[0] == message["job"]:
            self.ask(message["status"], message["reason"])
        else:
            self.cancelled.add(message["job"])

    def ask(self, status: str, reason: str) -> None:
        """Ask the run that is being trained to end."""
        if self.current is not None:
            stop = self.current[1]
            stop.reason, stop.status = reason, RunStatus(status)
            self.verdicts.put(True)  # it may be waiting for one

    def prepare_data(self, job: DataJob) -> DataReady | DataRefused:
        """Prepare the data of the base config for all workers."""
        try:
            found = self.data(self.base.config(job["changes"]))
        except DnnlabError as error:
            return {"kind": "refused", "error": [problem.json() for problem in error.problems]}
        return {
            "kind": "data",
            "fingerprint": found.described["fingerprint"],
            "description": list(found.data.description),
        }

    def train(self, message: RunJob) -> RunEnded:
        """Train one run; whatever happens has a status."""
        name, stop = message["job"], Stop()
        self.current = name, stop
        if self.halted is not None or name in self.cancelled:
            self.current = None
            return ended(name, result_without_value("cancelled"))
        while not self.verdicts.empty():
            self.verdicts.get()
        self.send({"kind": "started", "job": name})
        path = self.folder / message["path"]
        try:
            config = self.base.config(message["changes"])
            reporter = Reporter(self, name, config.experiment.training.epochs, message["verdicts"])
            job = Job(path, config, self.data(config), stop, reporter, self.origin)
            with self.output.into(path):
                result = run_trial(job)
        except DnnlabError as error:
            result = result_without_value("failed", str(error))
        except MemoryError:
            result = result_without_value("out_of_memory", "no memory left for the data")
        except Exception as error:  # of a part that reads data
            result = result_without_value("failed", f"{type(error).__name__}: {error}")
        finally:
            self.current = None
        return ended(name, result)

    def send(self, message: FromWorker) -> None:
        """Send a message to the coordinator. If the coordinator is gone, the listener ends this process."""
        with suppress(OSError):
            self.pipe.send_bytes(json.dumps(message).encode())


class Reporter:
    """Reports epochs to the coordinator.

    If trials are pruned: every epoch, waiting for the verdict. Else a few epochs per second.
    """

    def __init__(self, worker: Worker, job: str, epochs: int, verdicts: bool) -> None:
        self.worker, self.job, self.epochs, self.verdicts = worker, job, epochs, verdicts
        self.reported_at = monotonic()

    def __call__(self, epoch: int, value: float | None) -> bool:
        """One epoch is over; whether to go on."""
        now = monotonic()
        if not self.verdicts and now - self.reported_at < SECONDS_BETWEEN_REPORTS:
            return True
        self.reported_at = now
        self.worker.output.trim()
        self.worker.send(
            {
                "kind": "epoch",
                "job": self.job,
                "epoch": epoch,
                "epochs": self.epochs,
                "value": value,
                "last": epoch >= self.epochs,
            }
        )
        return self.worker.verdicts.get() if self.verdicts and epoch < self.epochs else True
