"""Where trials are trained: what the coordinator asks of an executor, and the one that uses processes of this machine."""

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

from .worker import main

Message = dict[str, Any]
PRELOADED = ["dnnlab.commands.sweep.workers.preload"]


class Executor(Protocol):
    """Orders go in, messages come out, all of them plain JSON.

    Orders: `{kind: run, job, path, changes, verdicts}` and `{kind: data, changes}`. Messages: ready, started,
    epoch, ended, data and refused, as a worker says them; and `{kind: died, job, returned, reason, code,
    early}` for a worker that is gone: the order that it worked on (None for none), those that it had not
    begun, and whether it never was ready. A new worker takes its place.
    """

    def places(self) -> int: ...
    def notes(self) -> list[str]: ...
    def start(self, count: int) -> None: ...
    def room(self, ahead: int) -> int: ...
    def submit(self, order: Message) -> None: ...
    def events(self, seconds: float) -> list[Message]: ...
    def verdict(self, job: str, go_on: bool) -> None: ...
    def ask(self, job: str | None, status: str, reason: str) -> None: ...
    def kill(self, job: str) -> None: ...
    def close(self) -> None: ...


@dataclass(eq=False)
class _Hand:
    """One worker as seen from here. orders: what it was given and has not ended, the one that it works on first."""

    process: Any
    pipe: Any
    orders: list[Message] = field(default_factory=list)
    ready: bool = False


class LocalExecutor:
    """Processes of this machine, forked from a server that has torch loaded. settings: for `worker.main`. cpus, device: what one needs."""

    def __init__(self, settings: Message, cpus: int = 1, device: str = "cpu") -> None:
        self.settings, self.cpus, self.device = json.dumps(settings), cpus, device
        known = multiprocessing.get_all_start_methods()
        self.context: Any = multiprocessing.get_context("forkserver" if "forkserver" in known else "spawn")
        self.hands: list[_Hand] = []
        self.closing = False

    def places(self) -> int:
        """How many workers there is room for: one a GPU, else one for each `cpus`."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return 1 if self.device.startswith(("cuda", "mps")) else max(1, cores // self.cpus)

    def notes(self) -> list[str]:
        """What whoever watches should know at the beginning."""
        return []

    def start(self, count: int) -> None:
        """Bring workers up. Takes as long as loading torch does."""
        for _ in range(count):
            self.hands.append(self._hand())

    def room(self, ahead: int) -> int:
        """How many orders can be taken, when each worker may have `ahead` waiting beside the one that it works on."""
        return sum(max(0, 1 + ahead - len(hand.orders)) for hand in self.hands)

    def submit(self, order: Message) -> None:
        """Give an order to the worker that has the fewest."""
        hand = min(self.hands, key=lambda hand: len(hand.orders))
        hand.orders.append(order)
        self._tell(hand, order)

    def events(self, seconds: float) -> list[Message]:
        """What the workers have said; waits at most so long for the first word."""
        found: list[Message] = []
        for pipe in connection.wait([hand.pipe for hand in self.hands], seconds):
            hand = next(hand for hand in self.hands if hand.pipe is pipe)
            try:
                while hand in self.hands and hand.pipe.poll():
                    found.append(self._heard(hand, json.loads(hand.pipe.recv_bytes())))
            except (EOFError, OSError):
                found.append(self._buried(hand))
        return found

    def verdict(self, job: str, go_on: bool) -> None:
        """The answer to a worker's epoch."""
        if (hand := self._holder(job)) is not None:
            self._tell(hand, {"kind": "verdict", "go_on": go_on})

    def ask(self, job: str | None, status: str, reason: str) -> None:
        """Ask one run to end, or all of them (and nothing that waits is begun)."""
        for hand in self.hands if job is None else [self._holder(job)]:
            if hand is not None:
                self._tell(hand, {"kind": "stop", "job": job, "status": status, "reason": reason})

    def kill(self, job: str) -> None:
        """End the process that works on a run which does not listen; that it died is said as ever."""
        if (hand := self._holder(job)) is not None:
            hand.process.kill()

    def close(self) -> None:
        """End all workers: at once those that are in the middle of something."""
        self.closing = True
        for hand in self.hands:
            if hand.orders:
                hand.process.kill()
            else:
                self._tell(hand, {"kind": "quit"})
        deadline = time.monotonic() + 2.0
        for hand in self.hands:
            hand.process.join(max(0.0, deadline - time.monotonic()))
            if hand.process.is_alive():
                hand.process.kill()
                hand.process.join()
            hand.pipe.close()
        self.hands = []

    def _hand(self) -> _Hand:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(target=main, args=(theirs, self.settings), daemon=True)
        with unseen_main():
            process.start()
        theirs.close()
        return _Hand(process, ours)

    def _heard(self, hand: _Hand, message: Message) -> Message:
        hand.ready = True
        if message["kind"] in ("ended", "data", "refused"):
            hand.orders.pop(0)
        if (
            message.get("status") == "out_of_memory"
        ):  # its heap is in pieces; it ends with its pipe, and another one takes its place
            returned, hand.orders = hand.orders, []
            self._replace(hand)
            for order in returned:
                self.submit(order)
        return message

    def _buried(self, hand: _Hand) -> Message:
        hand.process.join(5.0)
        code = hand.process.exitcode
        job, *returned = [order.get("job") for order in hand.orders] or [None]
        self._replace(hand)
        return {
            "kind": "died",
            "job": job,
            "returned": returned,
            "reason": words(code),
            "code": code,
            "early": not hand.ready,
        }

    def _replace(self, hand: _Hand) -> None:
        with suppress(OSError):
            hand.pipe.close()
        place = self.hands.index(hand)
        if self.closing:
            del self.hands[place]
        else:
            self.hands[place] = self._hand()

    def _holder(self, job: str) -> _Hand | None:
        return next(
            (hand for hand in self.hands if any(order.get("job") == job for order in hand.orders)), None
        )

    def _tell(self, hand: _Hand, message: Message) -> None:
        with suppress(OSError):  # it has died; its pipe says so when it is read
            hand.pipe.send_bytes(json.dumps(message).encode())


def words(code: int | None) -> str:
    """How a process ended: `the process died (SIGKILL)`."""
    if code is not None and code < 0:
        names = {number.value: number.name for number in signal.Signals}
        return f"its process died ({names.get(-code, f'signal {-code}')})"
    return "its process ended without a result" if code == 0 else f"its process ended with exit code {code}"


def warm_up() -> None:
    """Begin to load torch in the server that workers are forked from, and do not wait for it."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver

        multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOADED)
        with findable():
            forkserver.ensure_running()


@contextmanager
def findable() -> Iterator[None]:
    """Let the server find this package, also where it was not installed: it gets the environment, and not our `sys.path`."""
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
    """Hide the script that this process runs: a worker would import it, which takes long, or starts the sweep once more."""
    module = sys.modules["__main__"]
    hidden = {name: getattr(module, name) for name in ("__spec__", "__file__") if hasattr(module, name)}
    for name in hidden:
        setattr(module, name, None)
    try:
        yield
    finally:
        for name, value in hidden.items():
            setattr(module, name, value)


def start_words(folder: Path, most: int = 5) -> str:
    """The last lines that workers have printed: why they do not start."""
    with suppress(OSError):
        lines = (folder / "workers.log").read_text(errors="backslashreplace").strip().splitlines()
        return " | ".join(line.strip() for line in lines[-most:] if line.strip())
    return ""
