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
from ....engine.session import Stop
from ....errors import DnnlabError
from ....rundir import read_run
from ....rundir.atomic import leave_to_system
from ..base_config import Base, kept_base
from .log_capture import Output
from .shared_data import DataShelf
from .trial import Order, run_trial

SECONDS_BETWEEN_REPORTS = 0.2
ORPHANED = 7
"""Exit code of a worker whose coordinator has gone."""


def main(pipe: Any, settings: str) -> None:
    """A process of its own that serves."""
    ignore_group_signals()
    serve(pipe, settings)


def serve(pipe: Any, settings: str) -> None:
    """Train what is asked for until told to quit. settings: JSON, {sweep, base, origin}."""
    told = json.loads(settings)
    folder = Path(told["sweep"])
    output = Output(folder / "workers.log")
    prepare()
    leave_to_system()
    Worker(
        pipe,
        folder,
        kept_base(read_run(folder), Path(told["base"]), trust_plugins=True),
        told["origin"],
        output,
    ).work()


class Worker:
    """One worker.

    The main thread trains; a second one listens, so that a request to stop is heard in the middle of a run.
    """

    def __init__(self, pipe: Any, folder: Path, base: Base, origin: dict[str, Any], output: Output) -> None:
        self.pipe, self.folder, self.base, self.origin, self.output = pipe, folder, base, origin, output
        self.data = DataShelf(folder)
        self.orders: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.verdicts: queue.Queue[bool] = queue.Queue()
        self.current: tuple[str, Stop] | None = None
        self.halted: tuple[str, str] | None = None
        self.cancelled: set[str] = set()
        threading.Thread(target=self.listen, name="dnnlab listener", daemon=True).start()

    def work(self) -> None:
        """Carry orders out until there are no more."""
        self.say(kind="ready", pid=os.getpid())
        while (order := self.orders.get()) is not None:
            self.say(**(self.prepare_data(order) if order["kind"] == "data" else self.train(order)))
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
                self.hear(json.loads(self.pipe.recv_bytes()))
            except (EOFError, OSError):
                os._exit(ORPHANED)

    def hear(self, message: dict[str, Any]) -> None:
        """One message of the coordinator."""
        kind, job = message["kind"], message.get("job")
        if kind in ("run", "data"):
            self.orders.put(message)
        elif kind == "verdict":
            self.verdicts.put(message["go_on"])
        elif kind == "quit":
            self.orders.put(None)
        elif job is None:
            self.halted = message["status"], message["reason"]
            self.ask(*self.halted)
        elif self.current is not None and self.current[0] == job:
            self.ask(message["status"], message["reason"])
        else:
            self.cancelled.add(job)

    def ask(self, status: str, reason: str) -> None:
        """Ask the run that is being trained to end."""
        if self.current is not None:
            stop = self.current[1]
            stop.reason, stop.status = reason, status
            self.verdicts.put(True)  # it may be waiting for one

    def prepare_data(self, order: dict[str, Any]) -> dict[str, Any]:
        """Prepare the data of the base, so that every worker finds them ready."""
        try:
            found = self.data(self.base.config(order["changes"]))
        except DnnlabError as error:
            return {"kind": "refused", "error": [problem.json() for problem in error.problems]}
        return {
            "kind": "data",
            "fingerprint": found.described["fingerprint"],
            "description": list(found.data.description),
        }

    def train(self, order: dict[str, Any]) -> dict[str, Any]:
        """Train one run; whatever happens has a status."""
        job, stop = order["job"], Stop()
        self.current = job, stop
        if self.halted is not None or job in self.cancelled:
            self.current = None
            return {"kind": "ended", "job": job, "status": "cancelled"}
        while not self.verdicts.empty():
            self.verdicts.get()
        self.say(kind="started", job=job)
        path = self.folder / order["path"]
        try:
            config = self.base.config(order["changes"])
            reporter = Reporter(self, job, config.experiment.training.epochs, order["verdicts"])
            asked = Order(path, config, self.data(config), stop, reporter, self.origin)
            with self.output.into(path):
                result = run_trial(asked)
        except DnnlabError as error:
            result = {"status": "failed", "value": None, "seconds": 0.0, "reason": str(error)}
        except MemoryError:
            result = {
                "status": "out_of_memory",
                "value": None,
                "seconds": 0.0,
                "reason": "no memory left for the data",
            }
        except Exception as error:  # of a part that reads data
            result = {
                "status": "failed",
                "value": None,
                "seconds": 0.0,
                "reason": f"{type(error).__name__}: {error}",
            }
        finally:
            self.current = None
        return {"kind": "ended", "job": job, **result}

    def say(self, **message: Any) -> None:
        """Tell the coordinator; where it is gone, the listener ends this process."""
        with suppress(OSError):
            self.pipe.send_bytes(json.dumps(message).encode())


class Reporter:
    """Tells the coordinator of epochs: of each, and waiting for its verdict, where trials are pruned; else a few a second."""

    def __init__(self, worker: Worker, job: str, epochs: int, verdicts: bool) -> None:
        self.worker, self.job, self.epochs, self.verdicts = worker, job, epochs, verdicts
        self.told_at = monotonic()

    def __call__(self, epoch: int, value: float | None) -> bool:
        """One epoch is over; whether to go on."""
        now = monotonic()
        if not self.verdicts and now - self.told_at < SECONDS_BETWEEN_REPORTS:
            return True
        self.told_at = now
        self.worker.output.trim()
        self.worker.say(
            kind="epoch",
            job=self.job,
            epoch=epoch,
            epochs=self.epochs,
            value=value,
            last=epoch >= self.epochs,
        )
        return self.worker.verdicts.get() if self.verdicts and epoch < self.epochs else True
